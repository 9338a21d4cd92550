import type { RouteDecision, RouteRecord } from '@costlane/domain';
import type { SensitiveData } from './data-guard';

/** How a model was chosen, for the record; undefined where the request named it and nothing else is to be told. */
export function routeRecordOf(decision: RouteDecision, sensitive: SensitiveData | undefined): RouteRecord | undefined {
  const { route, content, strategy, explanation, tier, candidates } = decision;
  if (route === 'explicit' && !content && !sensitive) return undefined;
  return {
    strategy,
    route,
    reason: explanation,
    tier,
    complexity: content && rounded(content.complexity),
    predictedGain: content?.predictedGain === undefined ? undefined : rounded(content.predictedGain),
    taskType: content?.taskType,
    language: content?.language,
    needs: content && content.needs.length > 0 ? content.needs : undefined,
    candidates,
    sensitive,
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
