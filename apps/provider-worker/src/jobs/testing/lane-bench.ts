import {
  decodeReply,
  encodeItemRequest,
  type CompletionRecord,
  type Dialect,
  type ItemReply,
  type JobHeader,
} from '@costlane/contracts';
import type { BatchLane, BatchRunner, JobQueue } from '@costlane/jobs';
import { createBatchRunner, type BatchRunnerOptions } from '@costlane/jobs';
import type { FinishedJob, ItemAsking } from '@costlane/lanes';
import {
  createLedger,
  createScratchDatabase,
  type BatchJob,
  type BudgetStore,
  type JobRef,
  type JobStore,
  type NewJob,
} from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests, sampleJobHeader, startMockLlm, type MockLlm } from '@costlane/testing';
import { samplePrice } from '../../testing/fakes';
import { createExecuteItem } from '../execute-item';
import { batchAccountsOf } from '../lane/batch-accounts';
import { createProviderLane, type ProviderLane, type ProviderLaneDeps } from '../lane/create-provider-lane';
import { answered } from './fake-gateway';

export const logger = createLogger({ service: 'spec', level: 'silent' });
export const ORDINARY_NANO_USD = 1_000;
const HOUR_MS = 3_600_000;

/** One of the two Batch APIs, at the mock. */
export interface Under {
  provider: 'mock' | 'anthropic';
  dialect: Dialect;
  model: string;
}
export const underTest: Under[] = [
  { provider: 'mock', dialect: 'openai.chat', model: 'gpt-4o-mini' },
  { provider: 'anthropic', dialect: 'anthropic.messages', model: 'claude-haiku-4-5' },
];

/** What an item of a test says of itself. */
export interface SpecItem {
  content: string;
  cached?: true;
  /** Of those that ask the same. */
  fingerprint?: string;
  refused?: true;
  header?: Partial<JobHeader>;
}

export interface LaneBench {
  mock: MockLlm;
  store: JobStore;
  budgets: BudgetStore;
  /** What was asked of gateways. */
  asked: ItemAsking[];
  finished: FinishedJob[];
  events: string[];
  /** Replaces a gateway's answer; undefined: the usual one. */
  gateway: (asking: ItemAsking) => Promise<ItemReply> | ItemReply | undefined;
  lane(changes?: Partial<ProviderLaneDeps>): ProviderLane;
  runner(lane: BatchLane, options?: Partial<BatchRunnerOptions>): BatchRunner;
  newJob(items: readonly SpecItem[], changes?: Partial<NewJob>): Promise<JobRef>;
  runToEnd(runner: BatchRunner, ref: JobRef): Promise<BatchJob>;
  /** Its batches are to be looked at now. */
  makeDue(ref: JobRef): Promise<void>;
  resultsOf(ref: JobRef): Promise<(string | undefined)[]>;
  /** Of the items' records those that a ledger would take, which takes each run of a request once. */
  records(ref: JobRef): CompletionRecord[];
  /** How often each item is in a batch that the provider has taken since the last reset. */
  timesSent(): Map<number, number>;
  reset(): void;
  end(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;
const queue: JobQueue<JobRef> = {
  enqueue: nothing,
  schedule: nothing,
  unschedule: nothing,
  work: () => ({ close: nothing }),
  waiting: async () => [],
  size: async () => ({ waiting: 0, active: 0, delayed: 0 }),
  close: nothing,
};

const bodyOf = ({ dialect, model }: Under, content: string): object => ({
  model,
  messages: [{ role: 'user', content }],
  ...(dialect === 'anthropic.messages' ? { max_tokens: 100 } : {}),
});

/** Items through the lane of one Batch API, with gateways that a test plays. */
export async function startLaneBench(under: Under): Promise<LaneBench> {
  const scratch = await createScratchDatabase(databaseUrlForTests() ?? '');
  const ledger = createLedger({ databaseUrl: scratch.url, logger });
  await ledger.migrate();
  const store = ledger.jobs;
  const mock = await startMockLlm();
  const lanes: ProviderLane[] = [];
  const batchesAtProvider = () => mock.state.batches.list(under.provider === 'mock' ? 'openai' : 'anthropic');
  let known = new Set<string>();
  let next = 0;

  const usual = (asking: ItemAsking): ItemReply => {
    const item = JSON.parse(asking.item.body.toString()) as SpecItem;
    if (asking.mode === 'execute') return answered(`direct ${item.content}`, { paidNanoUsd: ORDINARY_NANO_USD });
    if (asking.mode === 'render' && asking.rendering) {
      const { header, body } = decodeReply(asking.rendering.reply);
      const text = header.errorCode ?? `batch ${item.content}`;
      const errorCode = header.errorCode;
      return answered(`${text} (${body.length > 0 ? 'with' : 'without'} a body)`, { status: header.status, errorCode });
    }
    if (item.cached) return answered(`cached ${item.content}`, { cacheTier: 'exact' });
    if (item.refused) return answered('no', { status: 403, errorCode: 'sensitive_data' });
    const header = sampleJobHeader({
      requestId: asking.requestId,
      provider: under.provider,
      dialect: under.dialect,
      model: under.model,
      upstreamModel: under.model,
      fingerprint: 'f00',
      cacheTtlSeconds: 60,
      ...item.header,
    });
    const body = Buffer.from(JSON.stringify(bodyOf(under, item.content)));
    return { kind: 'planned', header, decision: { model: { name: under.model } } as never, body };
  };
  const bench: LaneBench = {
    mock,
    store,
    budgets: ledger.budgets,
    asked: [],
    finished: [],
    events: [],
    gateway: () => undefined,
    lane(changes = {}) {
      const isMock = under.provider === 'mock';
      const baseUrl = isMock ? `${mock.url}/v1` : mock.url;
      const kind = isMock ? 'openai-compatible' : 'anthropic';
      const lane = createProviderLane({
        ask: async (asking) => {
          bench.asked.push(asking);
          return (await bench.gateway(asking)) ?? usual(asking);
        },
        metrics: { batch: (provider, event) => void bench.events.push(`${provider} ${event}`) },
        logger,
        accounts: batchAccountsOf([{ name: under.provider, kind, baseUrl }], {
          names: [under.provider],
          pollMs: 10,
          mockPollMs: 10,
        }),
        priceOf: () => samplePrice,
        finish: async (job) => void bench.finished.push(job),
        window: { minWindowMs: HOUR_MS / 2, reserveShare: 0.2, minReserveMs: 5 * 60_000 },
        now: Date.now,
        ...changes,
      });
      lanes.push(lane);
      return lane;
    },
    runner(lane, options = {}) {
      const ask = async (asking: ItemAsking): Promise<ItemReply> => {
        bench.asked.push(asking);
        return (await bench.gateway(asking)) ?? usual(asking);
      };
      const execute = createExecuteItem({ ask, finish: async () => undefined, timeoutMs: 60_000, drainMs: 0 });
      const limits = { leaseItems: 8, flushItems: 3, retryBaseMs: 1, retryMaxMs: 5, ...options.limits };
      return createBatchRunner({ store, queue, logger, lane, execute, ...options, limits });
    },
    async newJob(items, changes = {}) {
      const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
      await store.create({
        ...ref,
        kind: 'batch',
        completionWindowMs: 24 * HOUR_MS,
        deadlineAtMs: Date.now() + 24 * HOUR_MS,
        ...changes,
      });
      await store.addItems(
        ref,
        items.map((item) => ({
          fingerprint: item.fingerprint,
          request: encodeItemRequest({
            v: 1,
            endpoint: '/v1/chat/completions',
            caller: { tenantId: 'acme', role: 'member' },
            headers: {},
            body: Buffer.from(JSON.stringify(item)),
          }),
        })),
      );
      await store.seal(ref, items.length);
      return ref;
    },
    async runToEnd(runner, ref) {
      for (let turn = 0; turn < 500; turn += 1) {
        const outcome = await runner.runTurn(ref);
        if (outcome === 'done') return (await store.get(ref)) as BatchJob;
        await new Promise((resolve) => setTimeout(resolve, Math.min(outcome.againInMs, 10)));
      }
      throw new Error('the job does not end');
    },
    async makeDue(ref) {
      for (const { batchKey, state } of await store.submissions(ref))
        await store.changeSubmission(ref, batchKey, { from: state, state, checkInMs: 0 });
    },
    async resultsOf(ref) {
      const results: (string | undefined)[] = [];
      for await (const page of store.stream(ref)) results.push(...page.map(({ result }) => result?.toString()));
      return results;
    },
    records({ jobId }) {
      const taken = new Map<string, CompletionRecord>();
      for (const { record } of bench.finished) {
        const { requestId, createdAtMs, attempt } = record;
        const key = `${requestId} ${createdAtMs} ${attempt}`;
        if (requestId.startsWith(`${jobId}-`) && !taken.has(key)) taken.set(key, record);
      }
      return [...taken.values()];
    },
    timesSent() {
      const times = new Map<number, number>();
      for (const { id, items } of batchesAtProvider())
        for (const { customId } of known.has(id) ? [] : items) {
          const index = Number(customId.split('-')[0]);
          times.set(index, (times.get(index) ?? 0) + 1);
        }
      return times;
    },
    reset() {
      bench.gateway = () => undefined;
      mock.state.batches.setBehaviour({});
      known = new Set(batchesAtProvider().map(({ id }) => id));
      for (const list of [bench.asked, bench.finished, bench.events]) list.splice(0);
    },
    async end() {
      await Promise.all(lanes.map((lane) => lane.close()));
      await mock.close();
      await ledger.close();
      await scratch.drop();
    },
  };
  return bench;
}
