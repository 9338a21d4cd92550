import { CostlaneError } from '@costlane/domain';
import type { LabelledPair } from '../training/labelled-pair';
import { createRandom } from '../training/seeded-random';
import { families } from './families';
import { canonical, drawPairs, type DrawnPair, type Family } from './family';
import { createPicker, type Picker } from './picker';
import { roughen } from './rough-text';

export interface GenerateRowsOptions {
  /** Equal seeds give equal rows, on every machine. */
  seed: number;
  /** How many rows; half of them same, half different, an odd one being same. */
  count: number;
}

/** Rows whose partner is the text itself, typed roughly; and the near misses, typed as roughly. */
const roughSource = 'gen-rough-typing';

/** A text is roughened this often in rows of the other families, on either label. */
const roughShare = 0.2;

/** Draws that a family may waste, on rows that are there already, for each row it gives; above it the request asks for too many. */
const maxWaste = 30;

/**
 * Pairs of questions from grammars, for training: every family gives as many of the same meaning as near misses, on the same templates, so that neither
 * a word nor a length tells the label. No row comes twice, either way round. Throws a CostlaneError (`invalid_request`) where `count` is not a whole
 * number of at least 1, or more than the grammars can give.
 */
export function generateRows({ seed, count }: GenerateRowsOptions): LabelledPair[] {
  if (!Number.isInteger(count) || count < 1)
    throw new CostlaneError('invalid_request', `count must be a whole number of at least 1, not ${count}`);
  const pick = createPicker(createRandom(seed));
  const rows: LabelledPair[] = [];
  const seen = new Set<string>();
  const wanted = { same: Math.ceil(count / 2), different: Math.floor(count / 2) };
  for (let wasted = 0, turn = 0; rows.length < count; turn += 1) {
    const family = families[turn % families.length] as Family;
    const added = addPairs(drawRows(family, pick), rows, seen, wanted, pick);
    wasted = added ? 0 : wasted + 1;
    if (wasted > maxWaste * families.length)
      throw new CostlaneError('invalid_request', `count of ${count} is more than the grammars give: ${rows.length}`);
  }
  return rows;
}

interface SourcedPair extends DrawnPair {
  source: string;
}

function drawRows(family: Family, pick: Picker): SourcedPair[] {
  const isRough = pick.chance(1 / 12);
  return drawPairs(family, pick).map((pair) => {
    const { a, same } = pair;
    const b = isRough && same ? a : pair.b;
    if (isRough) return { a: roughen(a, pick), b: roughen(b, pick), same, source: roughSource };
    const say = (text: string) => (pick.chance(roughShare) ? roughen(text, pick) : text);
    return { a: say(a), b: say(b), same, source: family.name };
  });
}

/** Adds both pairs of a draw or none, so that a family's labels stay level; the very last may stand alone. Gives whether any was added. */
function addPairs(
  pairs: readonly SourcedPair[],
  rows: LabelledPair[],
  seen: Set<string>,
  wanted: { same: number; different: number },
  pick: Picker,
): boolean {
  const keys = pairs.map(({ a, b }) => [canonical(a), canonical(b)].sort().join('\n'));
  if (pairs.length < 2 || pairs.some(({ a, b }) => a === b) || keys.some((key) => seen.has(key))) return false;
  pairs.forEach(({ a, b, same, source }, at) => {
    const label = same ? 'same' : 'different';
    if (wanted[label] === 0) return;
    wanted[label] -= 1;
    seen.add(keys[at] ?? '');
    const [first, second] = pick.chance(0.5) ? [a, b] : [b, a];
    rows.push({ a: first, b: second, same, source, weight: 1 });
  });
  return true;
}
