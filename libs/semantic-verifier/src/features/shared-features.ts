import { MatchKind, type Side } from './align';
import { writeAll, type FeatureGroup } from './pair-context';

interface Shared {
  names: number;
  numbers: number;
  rarest: number;
  inflected: number;
  inflectedFunction: number;
}

/** What both texts say: names, numbers, the rarest word; and words that are there in another form ("is", "was"). */
function sharedOf(side: Side, other: Side): Shared {
  const shared: Shared = { names: 0, numbers: 0, rarest: 0, inflected: 0, inflectedFunction: 0 };
  for (let index = 0; index < side.words.length; index++) {
    const word = side.words[index];
    const kind = side.kind[index];
    if (word === undefined || (kind !== MatchKind.inOrder && kind !== MatchKind.moved)) continue;
    if (word.isNumber) shared.numbers++;
    else if (word.isName) shared.names++;
    if (word.isContent && word.entry.weight > shared.rarest) shared.rarest = word.entry.weight;
    if (other.words[side.match[index] ?? 0]?.entry.text === word.entry.text) continue;
    if (word.isContent) shared.inflected++;
    else shared.inflectedFunction++;
  }
  return shared;
}

/** What the texts have in common. */
export const sharedFeatures: FeatureGroup = {
  names: ['shared_names', 'shared_numbers', 'shared_rarest', 'inflected', 'inflected_function'],
  fill: ({ alignment }, into, offset) => {
    const shared = sharedOf(alignment.a, alignment.b);
    writeAll([shared.names, shared.numbers, shared.rarest, shared.inflected, shared.inflectedFunction], into, offset);
  },
};
