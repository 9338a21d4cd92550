import type { ItemAnswer, ItemPlan, ItemReply, ItemRequest, ItemTask } from '@costlane/contracts';
import { createPolicy, ok, type PolicyModel, type RoutingPolicy } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import { createMemoryTier, type CachedAnswer } from '@costlane/response-store';
import { configSchema } from '../../config';
import { createRoutePlanner } from '../../core/routing/route-planner';
import type { InferenceDeps } from '../../core/inference';
import { defaultControls } from '../../doors/request-controls';
import { decision, recordingObserver, scriptedInference, type Asked } from '../../testing/scripted-inference';
import { silent } from '../../testing/test-gateway';
import { createItemMeans } from '../create-item-means';
import { createItemExecutor } from '../item-executor';

const modelOf = (name: string, more: Partial<PolicyModel>): PolicyModel => ({ ...decision.model, name, ...more });
const models = [
  decision.model,
  modelOf('claude', { provider: 'anthropic', upstreamModel: 'claude-up' }),
  modelOf('gpt', { provider: 'openai', upstreamModel: 'gpt-up' }),
  modelOf('llama', { provider: 'vllm', upstreamModel: 'llama-up' }),
  modelOf('embeds', { kind: 'embedding', upstreamModel: 'embeds-up' }),
];
/** Models that speak chat completions, OpenAI's and Anthropic's dialects, and one that embeds. */
export const itemPolicy = (more: Partial<Parameters<typeof createPolicy>[0]> = {}): RoutingPolicy =>
  createPolicy({ version: '1-test', defaultModel: 'gpt-4o-mini', models, ...more });

export interface ItemGatewayOptions {
  onAsk?: (asked: Asked) => void;
  policy?: RoutingPolicy;
  /** What the exact tier has. */
  stored?: (fingerprint: string) => CachedAnswer | undefined;
  deps?: Partial<InferenceDeps>;
  attemptMaxMs?: number;
  graceMs?: number;
}

const opened: (() => Promise<void>)[] = [];
/** For `afterEach`. */
export async function stopItemGateways(): Promise<void> {
  for (const stop of opened.splice(0)) await stop();
}

/** A gateway's item doors in all modes, with the road behind them played by the spec. */
export async function itemGateway(options: ItemGatewayOptions = {}) {
  const policy = options.policy ?? itemPolicy();
  const { inference, asked } = scriptedInference(options.onAsk, policy);
  const { observer, events } = recordingObserver();
  const planner = createRoutePlanner({ policy: () => policy, predictGain: () => 0 });
  const hits: string[] = [];
  const fallbacks: string[] = [];
  const inferenceDeps = {
    policy: () => policy,
    memory: createMemoryTier({ maxEntries: 10, ttlMs: 1_000, maxBytes: 1_000_000 }),
    store: {
      find: async (_tenant: string, fingerprint: string) => options.stored?.(fingerprint),
      used: () => undefined,
    },
    breaker: { run: async (operation: () => Promise<unknown>) => ok(await operation()) },
    recorder: {
      hit: ({ requestId }: { requestId: string }, _decision: unknown, _header: unknown, tier: string) =>
        void hits.push(`${tier} ${requestId}`),
    },
    dispatcher: {
      dispatch: () => {
        throw new Error('the spec did not expect a provider to be asked');
      },
    },
    sharing: {
      claim: () => {
        throw new Error('the spec did not expect a claim');
      },
    },
    metrics: { ...createMetrics({ service: 'spec' }), fallback: (kind: string) => void fallbacks.push(kind) },
    ...options.deps,
  } as unknown as InferenceDeps;
  const attemptMaxMs = options.attemptMaxMs ?? 60_000;
  const { means, ready, close } = createItemMeans({
    config: configSchema.parse({ BODY_LIMIT_BYTES: '4096' }),
    inference,
    inferenceDeps,
    planner,
    observer,
    defaults: defaultControls({
      isCacheEnabled: true,
      isSemanticEnabled: true,
      cacheTtlSeconds: 60,
      requestTimeoutMs: 5_000,
    }),
    attemptMaxMs,
    worstCase: (request, made, body) => body.length + made.model.contextTokens,
    logger: silent,
  });
  await ready();
  const executor = createItemExecutor({ means, attemptMaxMs, graceMs: options.graceMs });
  opened.push(async () => {
    executor.stop();
    await close();
  });
  return {
    planner,
    asked,
    events,
    hits,
    executor,
    run: (task: Partial<ItemTask> & { item: ItemRequest }) => executor.run(itemTask(task)),
  };
}

export const itemOf = (endpoint: string, body: object | string, more: Partial<ItemRequest> = {}): ItemRequest => ({
  v: 1,
  endpoint,
  caller: { tenantId: 'acme', keyId: 'key_1', role: 'member' },
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  ...more,
});

let tasks = 0;
export const itemTask = (task: Partial<ItemTask> & { item: ItemRequest }): ItemTask => ({
  v: 1,
  taskId: `task_${++tasks}`,
  replyTo: 'r1',
  mode: 'execute',
  requestId: 'job_1-0',
  deadlineAtMs: Date.now() + 3_600_000,
  ...task,
});

export function answerIn(reply: ItemReply | undefined): ItemAnswer {
  if (reply?.kind !== 'answered') throw new Error(`not an answer: ${JSON.stringify(reply)}`);
  return reply;
}

export function planIn(reply: ItemReply | undefined): ItemPlan {
  if (reply?.kind !== 'planned')
    throw new Error(`not a plan: ${reply?.kind === 'answered' ? reply.body.toString() : 'nothing'}`);
  const { kind: _kind, ...plan } = reply;
  return plan;
}

export const jsonIn = (answer: Pick<ItemAnswer, 'body'>): Record<string, unknown> =>
  JSON.parse(answer.body.toString()) as Record<string, unknown>;
