import type { AttemptOutcome } from '../attempt';
import type { ProviderRequest } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { chooseServiceTier, withServiceTier } from './choose-service-tier';
import type { ModelState } from './model-state';

const dialects: ReadonlySet<ProviderRequest['dialect']> = new Set(['openai.chat', 'openai.responses']);

/** The request's body at the flex tier, where it is to go there; undefined: as it is. */
export function flexBodyOf(
  { name, kind, flexMinMs = 0 }: ProviderConfig,
  { dialect, priority = 'standard', upstreamModel, deadlineAtMs, isDeadlineExplicit, body }: ProviderRequest,
  state: ModelState,
  nowMs: number,
): Buffer | undefined {
  if (flexMinMs <= 0 || nowMs < state.flexPausedUntilMs || !dialects.has(dialect)) return undefined;
  const tier = chooseServiceTier({
    kind,
    provider: name,
    model: upstreamModel,
    priority,
    remainingMs: deadlineAtMs - nowMs,
    isDeadlineExplicit,
    flexMinMs,
  });
  return tier && withServiceTier(body, tier);
}

/** 429 without a word about quota: either the tier has no room, or the rate is too high, which the standard tier will say again. */
export function hasNoFlexCapacity(outcome: AttemptOutcome): boolean {
  if (outcome.ok || outcome.hasDelivered || outcome.status !== 429) return false;
  return outcome.error.code !== 'upstream_quota_exhausted';
}
