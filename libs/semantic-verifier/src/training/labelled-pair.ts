import { CostlaneError } from '@costlane/domain';

/** Two questions and whether one answer serves both. */
export interface LabelledPair {
  a: string;
  b: string;
  same: boolean;
  /** Where the pair comes from: thresholds are set for the worst source, folds report by it. */
  source: string;
  /** How much the pair counts in training; 1 is usual. */
  weight: number;
}

/** Longest text of a pair: a longer one is a document, which the semantic tier does not serve. */
const maxTextLength = 20_000;

/**
 * Reads pairs, one JSON object a line: `{"a": "…", "b": "…", "same": true, "source"?: "…", "weight"?: 1}`. Empty lines are skipped.
 * Throws a CostlaneError (`invalid_request`) that names the file, the line and what would be right.
 */
export function parsePairs(text: string, fileName: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    pairs.push(parsePair(line, `${fileName}:${index + 1}`));
  });
  if (pairs.length === 0)
    throw new CostlaneError('invalid_request', `${fileName}: no pairs; one JSON object {"a", "b", "same"} a line`);
  return pairs;
}

function parsePair(line: string, place: string): LabelledPair {
  const refuse = (what: string) => new CostlaneError('invalid_request', `${place}: ${what}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw refuse('not a JSON object on one line, such as {"a": "…", "b": "…", "same": true}');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw refuse('expected a JSON object with "a", "b" and "same"');
  const { a, b, same, source, weight } = parsed as Record<string, unknown>;
  for (const [name, value] of [
    ['a', a],
    ['b', b],
  ] as const) {
    if (typeof value !== 'string' || value.trim() === '') throw refuse(`"${name}" must be a text that is not empty`);
    if (value.length > maxTextLength) throw refuse(`"${name}" is longer than ${maxTextLength} characters`);
  }
  if (typeof same !== 'boolean' && same !== 0 && same !== 1) throw refuse('"same" must be true or false');
  if (source !== undefined && typeof source !== 'string') throw refuse('"source" must be a text where it is given');
  if (weight !== undefined && !(typeof weight === 'number' && weight > 0 && weight <= 1000))
    throw refuse('"weight" must be a number above 0, at most 1000');
  return {
    a: a as string,
    b: b as string,
    same: same === true || same === 1,
    source: typeof source === 'string' && source !== '' ? source : 'pairs',
    weight: typeof weight === 'number' ? weight : 1,
  };
}
