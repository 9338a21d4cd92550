import { scanRequestSize, worstCaseCost, type RouteDecision, type WorstCaseDefaults } from '@costlane/domain';
import type { Priority } from '@costlane/contracts';
import type { InferenceRequest } from '../core/inference-request';

export interface WorstCaseSettings extends WorstCaseDefaults {
  /** Requests of these priorities may be asked a second time while they are slow. */
  hedgedPriorities: readonly Priority[];
}

/**
 * What a request can cost at the most, nano-dollars; undefined where a model that it may go to has no known price, and that is not to be passed over.
 * @param body as the provider gets it
 */
export function requestWorstCase(
  request: Pick<InferenceRequest, 'stream' | 'priority'>,
  { model, fallbacks, isConfidenceChecked }: Pick<RouteDecision, 'model' | 'fallbacks' | 'isConfidenceChecked'>,
  body: Buffer,
  settings: WorstCaseSettings,
): number | undefined {
  const size = scanRequestSize(body);
  const plan = {
    models: fallbacks.length === 0 ? [model] : [model, ...fallbacks],
    isConfidenceChecked,
    // Only streams are.
    isHedged: request.stream && settings.hedgedPriorities.includes(request.priority),
  };
  return worstCaseCost(model.kind === 'embedding' ? { ...size, maxOutputTokens: 0 } : size, plan, settings);
}
