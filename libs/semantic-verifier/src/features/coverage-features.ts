import { MatchKind, type Side } from './align';
import { writeAll, type FeatureGroup } from './pair-context';

interface Coverage {
  /** Share of the weight of content words that the other side says, strictly and by likeness. */
  strict: number;
  soft: number;
  /** Weight × unlikeness of the content word that is said least. */
  worst: number;
  worstLikeness: number;
  missing: number;
  missingContent: number;
  missingFunction: number;
  /** Sum over content words of weight × unlikeness. */
  lost: number;
  typos: number;
  derived: number;
  synonyms: number;
}

function coverageOf(side: Side): Coverage {
  const found: Coverage = {
    strict: 0,
    soft: 0,
    worst: 0,
    worstLikeness: 1,
    missing: 0,
    missingContent: 0,
    missingFunction: 0,
    lost: 0,
    typos: 0,
    derived: 0,
    synonyms: 0,
  };
  let total = 0;
  for (let index = 0; index < side.words.length; index++) {
    const word = side.words[index];
    if (word === undefined) continue;
    const kind = side.kind[index];
    const isMissing = kind === MatchKind.none || kind === MatchKind.similar;
    if (kind === MatchKind.typo) found.typos++;
    if (kind === MatchKind.derived) found.derived++;
    if (kind === MatchKind.synonym) found.synonyms++;
    if (isMissing) found.missing++;
    if (!word.isContent) {
      if (isMissing) found.missingFunction++;
      continue;
    }
    const { weight } = word.entry;
    const likeness = side.likeness[index] ?? 0;
    total += weight;
    found.soft += weight * likeness;
    found.lost += weight * (1 - likeness);
    if (isMissing) found.missingContent++;
    else found.strict += weight;
    if (weight * (1 - likeness) > found.worst) found.worst = weight * (1 - likeness);
    if (likeness < found.worstLikeness) found.worstLikeness = likeness;
  }
  if (total > 0) {
    found.strict /= total;
    found.soft /= total;
  } else {
    found.strict = 1;
    found.soft = 1;
  }
  return found;
}

const BOTH_WAYS = [
  'strict',
  'soft',
  'worst',
  'worstLikeness',
  'missing',
  'missingContent',
  'missingFunction',
  'lost',
] as const;

/** How much of each text the other one says, by the weight of its words; the smaller and the larger of the two directions. */
export const coverageFeatures: FeatureGroup = {
  names: [...BOTH_WAYS.flatMap((name) => [`${name}_min`, `${name}_max`]), 'typos', 'derived', 'synonyms'],
  fill: ({ alignment }, into, offset) => {
    const a = coverageOf(alignment.a);
    const b = coverageOf(alignment.b);
    const values = BOTH_WAYS.flatMap((name) => [Math.min(a[name], b[name]), Math.max(a[name], b[name])]);
    writeAll([...values, a.typos, a.derived, a.synonyms], into, offset);
  },
};
