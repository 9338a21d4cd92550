import type { Dialect, Priority } from '@costlane/contracts';
import type { BudgetGate } from '../budgets/budget-gate';
import type { AnswerNeeds } from '../dialects/openai-chat/answer-needs';
import type { SensitiveData } from './routing/data-guard';

/** Who asks. The tenant comes from the API key, or is the deployment's default where keys are not required. */
export interface Caller {
  tenantId: string;
  teamId?: string;
  userId?: string;
  keyId?: string;
  role: 'admin' | 'member';
  rateLimitPerMinute: number;
}

/** A validated request on its way through the gateway, whichever door it came in by. */
export interface InferenceRequest {
  requestId: string;
  caller: Caller;
  endpoint: string;
  dialect: Dialect;
  /** As the caller named it; empty: the policy chooses. */
  modelAsked: string;
  stream: boolean;
  /** Key of everything that can change the answer, tenant and model included. */
  fingerprint: string;
  /** The provider's body for this model. Called only when a provider is really asked. */
  upstreamBody: (upstreamModel: string) => Buffer;
  useCache: boolean;
  /** Which answers besides its own may serve it; called only when neither memory nor Redis has one. */
  needs: () => AnswerNeeds;
  /** May be answered by the answer to a like question. */
  useSemanticCache: boolean;
  /** Cosine below which no question is like it; the deployment's own gate holds as well. */
  minSimilarity?: number;
  cacheTtlSeconds: number;
  cacheTag?: string;
  priority: Priority;
  createdAtMs: number;
  /** Under which id it is on record; absent: `requestId`. */
  recordId?: string;
  /** Under which time it is on record; absent: `createdAtMs`. */
  recordedAtMs?: number;
  deadlineAtMs: number;
  /** The caller has said how much time there is. */
  isDeadlineExplicit?: boolean;
  idempotency?: { keyHash: string; bodyHash: string };
  featureName?: string;
  experimentId?: string;
  /** What it holds that must not get about, and what was done about it. */
  sensitive?: SensitiveData;
  /** An answer that has outlived its time will do when there is no other. */
  acceptsStale?: boolean;
  /** It goes out as it came, to measure what the others save. */
  isHoldout?: true;
  /** Its tenant wants its prompts kept so long; absent: they are not, or this one must not be. */
  promptRetentionDays?: number;
  /** What is left of its budgets, for the answer's headers. */
  budgets?: Pick<BudgetGate, 'isActive' | 'remaining'>;
  /** Called when a provider is asked. */
  onSent?: () => void;
  traceparent?: string;
}
