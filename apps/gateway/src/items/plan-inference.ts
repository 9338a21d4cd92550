import type { ItemPlan } from '@costlane/contracts';
import type { RouteDecision, RoutingSettings } from '@costlane/domain';
import type { Call } from '../core/call';
import type { CallTable } from '../core/call-table';
import type { Dispatcher } from '../core/dispatcher';
import { createInference, type Inference, type InferenceDeps } from '../core/inference';
import { jobHeader } from '../core/job-header';
import type { CallSharing } from '../core/sharing/call-sharing';
import type { RequestObserver } from '../observe/request-observer';
import type { ItemRuns } from './item-runs';

const nothing = (): void => undefined;

/** Nobody shares what is not asked: a plan is the item's own, and leaves no claim behind. */
const unshared: CallSharing = {
  claim: () => Promise.resolve({ kind: 'free' }),
  follow: () => Promise.resolve(false),
  keepClaim: nothing,
  ended: nothing,
  take: nothing,
  hear: nothing,
  lost: nothing,
  letGo: nothing,
  refuse: nothing,
  stop: nothing,
};

/**
 * The road of a request up to where a provider would be asked: the same caches, and then a plan instead of a call. What is planned is not
 * on record and in no metric of requests; a hit is, as everywhere.
 */
export function createPlanInference(options: {
  deps: Omit<InferenceDeps, 'calls' | 'dispatcher' | 'sharing' | 'stale' | 'onAnswered'>;
  calls: CallTable;
  /** Of hits of the semantic cache. */
  audit: Dispatcher['audit'];
  settings: () => RoutingSettings;
  /** What an item may cost at the most; nano-dollars, undefined: it cannot be told. */
  worstCase: (call: Call) => number | undefined;
  runs: ItemRuns;
}): Inference {
  const { deps, calls, settings, worstCase, runs } = options;
  const dispatcher: Dispatcher = {
    dispatch(call) {
      calls.remove(call);
      // The door is not told: what it would write is read by nobody.
      runs.get(call.requestId)?.settle({ kind: 'planned', ...planOf(call, settings(), worstCase(call)) });
    },
    cancel: nothing,
    audit: options.audit,
    onFlow: nothing,
  };
  // Each its own: two items that ask the same get a plan each.
  const alone: CallTable = { ...calls, toJoin: () => undefined };
  return createInference({ ...deps, calls: alone, dispatcher, sharing: unshared });
}

function planOf(call: Call, settings: RoutingSettings, worstCaseNanoUsd: number | undefined): ItemPlan {
  const { leader: request, decision } = call;
  const header = jobHeader({ request, decision, needs: call.needs(), replyTo: '', settings });
  return { header: { ...header, worstCaseNanoUsd }, decision: toldDecision(decision), body: call.upstreamBody() };
}

/** Of a decision what answers tell: it is kept with each item, and neither texts nor prices belong there. */
function toldDecision({ content, model, ...decision }: RouteDecision): RouteDecision {
  return {
    ...decision,
    model: { ...model, price: undefined },
    fallbacks: [],
    baseline: undefined,
    assigned: undefined,
    content: content && { ...content, text: '' },
  };
}

/** Counts what a cache answers, and what is refused; nothing comes of a planned request yet. */
export const planObserver = (observer: RequestObserver): RequestObserver => ({
  ...observer,
  begin(request, decision, parentTraceparent) {
    const observed = observer.begin(request, decision, parentTraceparent);
    return { ...observed, left: nothing };
  },
});
