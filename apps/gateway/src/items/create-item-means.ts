import type { ItemMode } from '@costlane/contracts';
import { defaultRoutingSettings, type RouteDecision } from '@costlane/domain';
import type { Logger } from '@costlane/platform';
import type { GatewayConfig } from '../config';
import { createCallTable } from '../core/call-table';
import type { Inference, InferenceDeps } from '../core/inference';
import type { InferenceRequest } from '../core/inference-request';
import type { RoutePlanner } from '../core/routing/route-planner';
import type { RequestControls } from '../doors/request-controls';
import type { RequestObserver } from '../observe/request-observer';
import { createItemDoors } from './item-doors';
import type { ItemMeans } from './item-executor';
import { itemInference } from './item-inference';
import { createItemRuns, type ItemRuns } from './item-runs';
import { createPlanInference, planObserver } from './plan-inference';
import { createRenderInference, renderObserver, renderPlanner } from './render-inference';

export interface ItemMeansDeps {
  config: Pick<GatewayConfig, 'AUTH_MODE' | 'BODY_LIMIT_BYTES' | 'CACHE_NORMALIZE'>;
  inference: Inference;
  /** What the road of a request is made of: a plan goes the same way, up to the provider. */
  inferenceDeps: InferenceDeps;
  planner: RoutePlanner;
  observer: RequestObserver;
  defaults: RequestControls;
  attemptMaxMs: number;
  /** What a request may cost at the most, for budgets that are reserved where it is handed to a provider. Absent: nobody says. */
  worstCase?: (request: InferenceRequest, decision: RouteDecision, body: Buffer) => number | undefined;
  logger: Logger;
}

/** The doors in each mode. They differ in what is behind them. */
export function createItemMeans(deps: ItemMeansDeps): {
  means: Record<ItemMode, ItemMeans>;
  ready(): Promise<void>;
  close(): Promise<void>;
} {
  const { config, inference, planner, observer, attemptMaxMs } = deps;
  const { policy, dispatcher } = deps.inferenceDeps;
  const calls = createCallTable({ onExpired: () => undefined });
  const meansOf = (
    runs: ItemRuns,
    behind: { inference: Inference; planner: RoutePlanner; observer: RequestObserver },
  ): ItemMeans => {
    const { AUTH_MODE, BODY_LIMIT_BYTES: bodyLimitBytes, CACHE_NORMALIZE: normalize } = config;
    const { defaults, logger } = deps;
    const isKeyRequired = AUTH_MODE === 'required';
    return {
      runs,
      doors: createItemDoors({ ...behind, runs, defaults, logger, isKeyRequired, bodyLimitBytes, normalize }),
    };
  };

  const [executed, planned, rendered] = [createItemRuns(), createItemRuns(), createItemRuns()];
  const attemptEndsAt = (deadlineAtMs: number): number => Math.min(deadlineAtMs, Date.now() + attemptMaxMs);
  const planInference = createPlanInference({
    deps: deps.inferenceDeps,
    calls,
    audit: (request, decision, audit) => dispatcher.audit(request, decision, audit),
    settings: () => policy()?.settings ?? defaultRoutingSettings,
    worstCase: (call) => deps.worstCase?.(call.leader, call.decision, call.upstreamBody()),
    runs: planned,
  });
  const means: Record<ItemMode, ItemMeans> = {
    execute: meansOf(executed, {
      inference: itemInference(inference, executed, ({ deadlineAtMs }) => attemptEndsAt(deadlineAtMs)),
      planner,
      observer,
    }),
    plan: meansOf(planned, {
      inference: itemInference(planInference, planned, ({ deadlineAtMs }) => deadlineAtMs),
      planner,
      observer: planObserver(observer),
    }),
    render: meansOf(rendered, {
      inference: createRenderInference(rendered),
      planner: renderPlanner(planner, rendered),
      observer: renderObserver(observer),
    }),
  };
  const doors = Object.values(means).map((each) => each.doors);
  return {
    means,
    ready: async () => void (await Promise.all(doors.map((each) => each.ready()))),
    async close() {
      calls.stop();
      await Promise.all(doors.map((each) => each.close()));
    },
  };
}
