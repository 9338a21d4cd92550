import { CostlaneError, estimateTokens, type ErrorCode, type TokenUsage } from '@costlane/domain';
import type { AttemptFailure, AttemptOutcome } from '../attempt';
import { overflowError } from './overflow-error';
import type { TranslatingHandler } from './translating-handler';

type Translation = Pick<
  TranslatingHandler,
  'usage' | 'isUsageFinal' | 'isWhole' | 'isOverflown' | 'isPerhapsTheRequest' | 'characters'
>;

/** A stream that ended like this had begun to be answered, and what was answered has to be paid, delivered or not. */
const leftInTheMiddle: ReadonlySet<ErrorCode> = new Set(['cancelled', 'upstream_timeout', 'deadline_exceeded']);

const OVERFLOW_STATUS = 400;

/** The outcome of a translated call, with what only the provider's own words told: usage by lifetime of caches, and how it ended. */
export function settleAttempt(outcome: AttemptOutcome, translation: Translation): AttemptOutcome {
  const { usage } = translation;
  if (outcome.ok) {
    return {
      ...outcome,
      ...(usage ? { usage: usage.usage, usageSource: 'provider', serviceTier: usage.serviceTier } : {}),
      isCacheable: outcome.isCacheable && translation.isWhole,
    };
  }
  if (translation.isOverflown) return overflown(outcome, usage?.usage);
  const failure = corrected(outcome, translation);
  if (!usage || !(outcome.hasDelivered || leftInTheMiddle.has(outcome.error.code))) return failure;
  if (translation.isUsageFinal) return { ...failure, usage: usage.usage, usageSource: 'provider' };
  return { ...failure, usage: soFar(usage.usage, outcome, translation.characters), usageSource: 'estimated' };
}

function corrected(outcome: AttemptFailure, { isPerhapsTheRequest }: Translation): AttemptFailure {
  if (isPerhapsTheRequest) return { ...outcome, isRetryable: false, verdict: 'neutral' };
  // Whatever a header says: a limit of spending is not waited out.
  return outcome.error.code === 'upstream_quota_exhausted' ? { ...outcome, isRetryable: false } : outcome;
}

/** Input as it was reported when the stream began; output as far as it has come. */
function soFar(begun: TokenUsage, { usage }: AttemptFailure, characters: number): TokenUsage {
  const outputTokens = Math.max(begun.outputTokens, usage?.outputTokens ?? 0, estimateTokens(characters));
  return { ...begun, outputTokens };
}

/** The provider has answered, and is paid; the client gets the error that OpenAI's clients know for it. */
function overflown(outcome: AttemptFailure, usage: TokenUsage | undefined): AttemptFailure {
  const error = overflowError('the answer did not fit any more.');
  return {
    ...outcome,
    error: new CostlaneError('context_length_exceeded', String(error['message']), { field: 'messages' }),
    status: OVERFLOW_STATUS,
    body: Buffer.from(JSON.stringify({ error })),
    retryAfterMs: undefined,
    isRetryable: false,
    verdict: 'neutral',
    ...(usage ? { usage, usageSource: 'provider' } : {}),
  };
}
