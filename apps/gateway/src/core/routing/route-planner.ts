import type {
  PolicyModel,
  PrefixChain,
  QualityLevel,
  RouteContent,
  RouteDecision,
  RouteFeatures,
  RoutingPolicy,
} from '@costlane/domain';
import type { ReplyHeader } from '@costlane/contracts';
import type { BudgetGate } from '../../budgets/budget-gate';
import { payerOf } from '../../budgets/payer-of';
import type { Caller } from '../inference-request';
import { createContentIndex } from './content-index';
import type { Holdout } from './holdout';
import { createDataGuard, type DataGuard, type SensitiveData } from './data-guard';
import { createWarmPrefixes } from './warm-prefixes';

/** What the caller says that the choice rests on. */
export interface PlannedControls {
  userId?: string;
  featureName?: string;
  quality?: QualityLevel;
  taskType?: string;
  userTier?: RouteFeatures['userTier'];
}

/** What a door knows of a request before its model is chosen. */
export interface PlannedRequest {
  caller: Caller;
  /** As they came, not copied: this is made for every request. */
  controls: PlannedControls;
  modelAsked: string | undefined;
  bodyHash: string;
  sensitive?: SensitiveData;
  /** The body as a chat request; undefined for what is none, so that its model has to be named. */
  chatForm?: () => Buffer;
  canServe?: (model: PolicyModel) => boolean;
}

export interface RoutePlanner {
  readonly guard: DataGuard;
  /** Absent: nobody has budgets. */
  readonly budgets?: BudgetGate;
  /** What the choice of a model looks at; parts that cost something are made only where they are looked at. */
  featuresOf(request: PlannedRequest): RouteFeatures;
  contentOf(tenantId: string, bodyHash: string, chatForm: () => Buffer, taskType?: string): RouteContent;
  /** Whether the tenant takes an answer that has outlived its time when there is no other. */
  acceptsStale(tenantId: string): boolean;
  /** How long the tenant wants its prompts kept; undefined: not at all. */
  promptRetentionDays(tenantId: string): number | undefined;
  /** A call goes out. */
  sent(features: RouteFeatures, decision: RouteDecision): void;
  /** An answer has come. */
  answered(decision: RouteDecision, header: Pick<ReplyHeader, 'usage' | 'errorCode'>): void;
}

/** Brings together what a gateway knows that the choice of a model rests on. */
export function createRoutePlanner(deps: {
  policy: () => RoutingPolicy | undefined;
  allowsProviderIds?: boolean;
  predictGain: (text: string) => number | undefined;
  /** Absent: nobody is held out. */
  holdout?: Holdout;
  budgets?: BudgetGate;
}): RoutePlanner {
  const { policy, budgets } = deps;
  const contents = createContentIndex(deps);
  const warm = createWarmPrefixes();
  const chains = new WeakMap<RouteFeatures, PrefixChain | undefined>();

  return {
    guard: createDataGuard(deps),
    budgets,
    featuresOf(request) {
      const { caller, controls, bodyHash, chatForm } = request;
      const { tenantId } = caller;
      const { taskType } = controls;
      const content = chatForm && (() => contents.contentOf({ tenantId, bodyHash, taskType }, chatForm));
      const subject = caller.userId ?? controls.userId ?? caller.keyId;
      let warmOf: ((model: PolicyModel) => number) | undefined;
      const features: RouteFeatures = {
        modelAsked: request.modelAsked,
        tenantId,
        subject,
        featureName: controls.featureName,
        quality: controls.quality,
        userTier: controls.userTier,
        content,
        isHeldOut: deps.holdout?.has(tenantId, subject),
        maxTier: budgets?.isActive ? budgets.maxTier(payerOf(withUserOf(caller, controls))) : undefined,
        mustBeSecure: request.sensitive?.action === 'secure_model',
        canServe: request.canServe,
        warmTokens(model) {
          if (!content || !chatForm) return 0;
          if (!warmOf) {
            const chain = warm.chainOf(tenantId, chatForm(), content().promptTokens);
            chains.set(features, chain);
            warmOf = chain ? warm.warmTokensOf(chain) : () => 0;
          }
          return warmOf(model);
        },
      };
      return features;
    },
    contentOf: (tenantId, bodyHash, chatForm, taskType) =>
      contents.contentOf({ tenantId, bodyHash, taskType }, chatForm),
    acceptsStale: (tenantId) => policy()?.tenants.get(tenantId)?.staleAnswers === true,
    promptRetentionDays(tenantId) {
      const tenant = policy()?.tenants.get(tenantId);
      return tenant?.storePrompts ? tenant.promptRetentionDays : undefined;
    },
    sent(features, decision) {
      const chain = chains.get(features);
      if (chain) warm.sent(chain, decision.model);
    },
    answered({ content }, { usage, errorCode }) {
      if (content && usage && !errorCode)
        contents.outputs.observe(content.complexity, usage.outputTokens + usage.reasoningTokens);
    },
  };
}

/** The caller's own user goes before the one that a header names. */
const withUserOf = (caller: Caller, { userId, featureName }: PlannedControls) => ({
  caller: { ...caller, userId: caller.userId ?? userId },
  featureName,
});
