import type { CacheTier, ReplyHeader } from '@costlane/contracts';
import { formatUsd, nanoUsd, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';
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

/**
 * Headers of an answer that rest on its request: the answer's name in the cache, by which `/admin/cache/invalidate` can drop it, unless the request
 * stays out of it; and what is left of its budgets by this gateway's knowledge, where one with a hard limit applies.
 */
export function requestHeaders(request: Pick<InferenceRequest, 'useCache' | 'fingerprint' | BudgetFields>): string[] {
  const headers = request.useCache ? ['x-cache-key', request.fingerprint] : [];
  if (request.budgets?.isActive) headers.push(...budgetHeader(request));
  return headers;
}

type BudgetFields = 'budgets' | 'caller' | 'featureName';

/** Dollars that are left of the hard limit with the least left. */
export function budgetHeader(request: Pick<InferenceRequest, BudgetFields>): string[] {
  const left = request.budgets?.isActive ? request.budgets.remaining(request) : undefined;
  return left === undefined ? [] : ['x-budget-remaining-usd', formatUsd(nanoUsd(left))];
}

/** What came before the model that answered: ` > <why>` for each that was tried. */
const stepsOf = ({ routeSteps = [] }: Pick<ReplyHeader, 'routeSteps'>): string =>
  routeSteps.map(({ why }) => ` > ${why}`).join('');

/** A value that comes from outside, without what a header must not hold. */
const safeHeader = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
