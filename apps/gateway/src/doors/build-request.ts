import { createHash } from 'node:crypto';
import type { RouteDecision, RouteFeatures } from '@costlane/domain';
import type { Caller, InferenceRequest } from '../core/inference-request';
import type { RoutePlanner } from '../core/routing/route-planner';
import { withSystemPrompt } from '../core/routing/with-system-prompt';
import type { RequestControls } from './request-controls';

type AsAsked = Pick<
  InferenceRequest,
  | 'requestId'
  | 'caller'
  | 'endpoint'
  | 'dialect'
  | 'modelAsked'
  | 'stream'
  | 'fingerprint'
  | 'upstreamBody'
  | 'needs'
  | 'createdAtMs'
  | 'sensitive'
>;

/** What a door knows of a request once its model is chosen. */
export interface RequestParts extends AsAsked {
  controls: RequestControls;
  /** Of the body as it came, before anything in it was replaced: one idempotency key stands for one body. */
  bodyHash: string;
  /** What must not get about has been replaced. */
  isRedacted: boolean;
  /** False: only the answer to the very same request will do. Absent: as the caller steers it. */
  mayUseSemanticCache?: boolean;
  /** The transport's own deadline, epoch milliseconds, where it has one. */
  deadlineAtMs?: number;
  features: RouteFeatures;
  decision: RouteDecision;
  planner: Pick<RoutePlanner, 'acceptsStale' | 'budgets' | 'promptRetentionDays' | 'sent'>;
}

/** The request as it goes through the gateway, whichever door it came in by. */
export function buildRequest(parts: RequestParts): InferenceRequest {
  const { controls, createdAtMs, sensitive, features, decision, planner } = parts;
  const { isHoldout } = decision;
  // What must not get about is kept nowhere, unless it has been replaced.
  const mayBeKept = sensitive === undefined || parts.isRedacted;
  return {
    requestId: parts.requestId,
    caller: withUser(parts.caller, controls.userId),
    endpoint: parts.endpoint,
    dialect: parts.dialect,
    modelAsked: parts.modelAsked,
    stream: parts.stream,
    fingerprint: parts.fingerprint,
    upstreamBody: instructed(parts, decision),
    useCache: controls.useCache && mayBeKept && !isHoldout,
    needs: parts.needs,
    useSemanticCache: controls.useSemanticCache && parts.mayUseSemanticCache !== false,
    minSimilarity: controls.minSimilarity,
    cacheTtlSeconds: controls.cacheTtlSeconds,
    cacheTag: controls.cacheTag,
    priority: controls.priority,
    createdAtMs,
    // A slower and cheaper service is what a request of the holdout shows the worth of.
    isDeadlineExplicit: isHoldout ? undefined : controls.isDeadlineExplicit,
    deadlineAtMs: Math.min(createdAtMs + controls.deadlineMs, parts.deadlineAtMs ?? Infinity),
    idempotency:
      controls.idempotencyKey === undefined
        ? undefined
        : { keyHash: sha256(controls.idempotencyKey), bodyHash: parts.bodyHash },
    featureName: controls.featureName,
    experimentId: controls.experimentId,
    sensitive,
    isHoldout,
    promptRetentionDays: mayBeKept ? planner.promptRetentionDays(parts.caller.tenantId) : undefined,
    acceptsStale: planner.acceptsStale(parts.caller.tenantId),
    budgets: planner.budgets,
    onSent: () => planner.sent(features, decision),
    traceparent: undefined,
  };
}

/** The caller's own user goes before the one that a header names. */
const withUser = (caller: Caller, userId: string | undefined): Caller =>
  userId !== undefined && caller.userId === undefined ? { ...caller, userId } : caller;

/** The body with the instructions of the experiment that the request takes part in, if any. */
function instructed({ upstreamBody, dialect }: AsAsked, { assigned }: RouteDecision): InferenceRequest['upstreamBody'] {
  const prompt = assigned?.variant.systemPrompt;
  return prompt === undefined ? upstreamBody : (model) => withSystemPrompt(dialect, upstreamBody(model), prompt);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
