/** A date at the end of a model's name: `-2024-08-06`, `-20250514`. */
const dated = /-(\d{4}-\d{2}-\d{2}|\d{8})$/;
const aliasOf = (name: string): string => name.replace(dated, '');

export interface MatchedNames {
  /** The name under which a model is compared. */
  nameOf(name: string): string;
  /** By that name those that it stands for, where these are several or others. */
  matched: Record<string, string[]>;
}

/**
 * Books and providers may call one model by its dated name or by its alias. Where both sides have the same names under an alias, each is compared with itself;
 * where they differ, all under the alias are compared as one.
 */
export function matchNames(ours: readonly string[], theirs: readonly string[]): MatchedNames {
  const own = byAlias(ours);
  const their = byAlias(theirs);
  const merged = new Set<string>();
  const matched: Record<string, string[]> = {};
  for (const [alias, names] of own) {
    const others = their.get(alias);
    if (!others || (others.size === names.size && [...others].every((name) => names.has(name)))) continue;
    merged.add(alias);
    matched[alias] = [...new Set([...names, ...others])].sort();
  }
  return { nameOf: (name) => (merged.has(aliasOf(name)) ? aliasOf(name) : name), matched };
}

function byAlias(names: readonly string[]): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const name of names) {
    const alias = aliasOf(name);
    sets.set(alias, (sets.get(alias) ?? new Set()).add(name));
  }
  return sets;
}
