import type { ConfidenceCheck } from '@costlane/contracts';
import type { AnswerFacts } from './answer-facts';
import { isRefusal } from './refusal';
import type { SchemaChecks } from './schema-checks';

/** What is wrong with an answer that came. */
export const doubts = [
  'empty',
  'refusal',
  'cut_off',
  'invalid_json',
  'schema',
  'low_probability',
  'unreadable',
] as const;
export type Doubt = (typeof doubts)[number];

export interface AssessedAnswer {
  /** Undefined: it could not be read. */
  facts: AnswerFacts | undefined;
  check: ConfidenceCheck;
  /** The caller set a limit of tokens, so that an answer which ends there is what was asked for. */
  hasLimit: boolean;
}

/** Why a stronger model should be asked; undefined: the answer will do. Pure. */
export function assessAnswer({ facts, check, hasLimit }: AssessedAnswer, schemas: SchemaChecks): Doubt | undefined {
  if (!facts) return 'unreadable';
  if (facts.hasRefusal || facts.finishReason === 'content_filter') return 'refusal';
  const isCut = facts.finishReason === 'length';
  if (facts.text.trim() === '') {
    if (facts.hasOtherContent) return undefined;
    return isCut ? 'cut_off' : 'empty';
  }
  if (isRefusal(facts.text)) return 'refusal';
  if (isCut && !hasLimit) return 'cut_off';
  // Beside tool calls a text is a remark, not the document.
  if (check.json && !facts.hasOtherContent) {
    const doubt = doubtOfJson(facts.text, check.json.schema, schemas);
    if (doubt) return doubt;
  }
  return isImprobable(facts, check.minTokenProbability) ? 'low_probability' : undefined;
}

function doubtOfJson(text: string, schema: unknown, schemas: SchemaChecks): Doubt | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'invalid_json';
  }
  return schema === undefined || schemas.fits(schema, value, text.length) ? undefined : 'schema';
}

/** By the geometric mean of the tokens' probabilities. */
const isImprobable = ({ logprobSum, logprobTokens }: AnswerFacts, minTokenProbability: number): boolean =>
  logprobTokens > 0 && Math.exp(logprobSum / logprobTokens) < minTokenProbability;
