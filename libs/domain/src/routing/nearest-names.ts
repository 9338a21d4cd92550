/** Longer names are cut before they are compared, so that a hostile name costs no more than an honest one. */
const maxComparedLength = 64;

/**
 * The names most like `asked`, best first: by edit distance without regard to case, a name that starts with what was asked (or the other way
 * round) before all others. Names that share too little are left out.
 */
export function nearestNames(asked: string, names: Iterable<string>, limit = 3): string[] {
  const wanted = comparable(asked);
  if (wanted === '') return [];
  const scored: { name: string; distance: number }[] = [];
  for (const name of names) {
    const candidate = comparable(name);
    const isPrefix = candidate.startsWith(wanted) || wanted.startsWith(candidate);
    const distance = isPrefix
      ? Math.abs(candidate.length - wanted.length) / maxComparedLength
      : editDistance(wanted, candidate);
    const tolerated = Math.max(wanted.length, candidate.length) / 2;
    if (isPrefix || distance <= tolerated) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map(({ name }) => name);
}

const comparable = (name: string): string => name.slice(0, maxComparedLength).trim().toLowerCase();

/** Levenshtein distance with one row of state (Wagner and Fischer, 1974). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
