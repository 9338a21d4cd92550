import type { CacheTier, ReplyHeader } from '@costlane/contracts';
import { formatUsd, nanoUsd, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd } from '../core/answer';
import { staleHeaders } from '../core/stale-answers';

/** What an answer cost, in dollars as exact decimals; `unknown` where the model has no known price. */
export function costsOf(end: AnswerEnd): { cost: string; baseline: string; saved: string } {
  if (end.header.priceVersion === undefined && end.header.usage !== undefined) {
    return { cost: 'unknown', baseline: 'unknown', saved: 'unknown' };
  }
  return {
    cost: formatUsd(nanoUsd(end.paidNanoUsd)),
    baseline: formatUsd(nanoUsd(end.header.baselineNanoUsd)),
    saved: formatUsd(nanoUsd(end.savedNanoUsd)),
  };
}

/** Headers that are known before the answer is complete, name and value in turn. */
export function openingHeaders(
  requestId: string,
  tier: CacheTier,
  header: Pick<ReplyHeader, 'provider' | 'modelUsed' | 'routeSteps'>,
  decision: RouteDecision | undefined,
): string[] {
  const headers = ['x-request-id', requestId, 'x-cache', tier];
  if (header.modelUsed !== '') headers.push('x-model-used', safeHeader(header.modelUsed));
  if (header.provider !== '') headers.push('x-provider', header.provider);
  if (header.provider === 'mock') headers.push('x-costlane-mock', 'true');
  if (decision) headers.push('x-route-decision', safeHeader(decision.reason + stepsOf(header)));
  if (decision?.isHoldout) headers.push('x-costlane-holdout', 'true');
  return headers;
}

/** Headers of a complete answer, costs included. */
export function answerHeaders(requestId: string, answer: AnswerEnd): string[] {
  const { cost, baseline, saved } = costsOf(answer);
  const headers = openingHeaders(requestId, answer.tier, answer.header, answer.decision);
  headers.push('x-cost-usd', cost, 'x-cost-baseline-usd', baseline, 'x-cost-saved-usd', saved);
  if (answer.likeness) {
    headers.push('x-cache-similarity', answer.likeness.similarity.toFixed(4));
    headers.push('x-cache-probability', answer.likeness.probability.toFixed(4));
  }
  if (answer.ageSeconds > 0) headers.push('age', String(answer.ageSeconds));
  headers.push(...staleHeaders(answer));
  if (answer.isReplayed) headers.push('idempotent-replayed', 'true');
  return headers;
}

/** The name of this answer in the cache, by which `/admin/cache/invalidate` can drop it; nothing for a request that stays out of it. */
export const cacheKeyHeader = ({ useCache, fingerprint }: { useCache: boolean; fingerprint: string }): string[] =>
  useCache ? ['x-cache-key', fingerprint] : [];

/** What came before the model that answered: ` > <why>` for each that was tried. */
const stepsOf = ({ routeSteps = [] }: Pick<ReplyHeader, 'routeSteps'>): string =>
  routeSteps.map(({ why }) => ` > ${why}`).join('');

/** A value that comes from outside, without what a header must not hold. */
const safeHeader = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
