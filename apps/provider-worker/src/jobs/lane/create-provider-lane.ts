import { decodeItemPlan } from '@costlane/contracts';
import { CostlaneError, toCostlaneError } from '@costlane/domain';
import type { BatchLane, LaneBatch, LaneFound, LaneSubmit, TakenBatch } from '@costlane/jobs';
import type { BatchJob, SubmittedItem } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { hasEnded, type BatchItem } from '@costlane/providers';
import type { JobMetrics } from '../job-metrics';
import type { BatchAccount } from './batch-accounts';
import type { BatchBudgets } from './batch-budgets';
import { customIdOf, indexIn, partsOf } from './batch-names';
import { placeItem, type PlaceDeps } from './place-item';
import { readResults } from './read-results';
import { settleResult, type SettleDeps } from './settle-result';
import { hasTimeForBatches, patienceWith, type WindowRules } from './time-left';

export interface ProviderLaneDeps extends PlaceDeps, SettleDeps {
  accounts: ReadonlyMap<string, BatchAccount>;
  window: WindowRules;
  metrics: Pick<JobMetrics, 'batch'>;
  /** Absent: nothing limits what batches may cost. */
  budgets?: BatchBudgets;
  logger: Logger;
}

export type ProviderLane = BatchLane & { close(): Promise<void> };

const SUBMIT_MS = 10 * 60_000;
/** Beyond what handing over may take, until its sender counts as lost. */
const SEND_GRACE_MS = 60_000;
/** A batch that is older is looked at less often, in this proportion, down to so many times its first wait. */
const POLL_SHARE_OF_AGE = 0.05;
const POLL_MAX_TIMES = 4;
const PLACE_CONCURRENCY = 16;
const LATER_MS = 30_000;
/** Of an account that is not there any more: nothing goes to it. */
const NO_LIMITS = { maxItems: 0, maxBytes: 0 };

/** Providers' Batch APIs as the lane that durable jobs take where they have the time: half the price, hours later. */
export function createProviderLane(deps: ProviderLaneDeps): ProviderLane {
  const { accounts, window, now, metrics } = deps;
  /** Undefined: the settings have it no more, so that nothing comes of its batches. */
  const accountOf = ({ group }: Pick<LaneBatch, 'group'>): BatchAccount | undefined => {
    const { provider, account } = partsOf(group);
    const found = accounts.get(provider);
    return found?.account === account ? found : undefined;
  };
  return {
    limits: (group) => accountOf({ group })?.api.limits ?? NO_LIMITS,
    sendMs: SUBMIT_MS + SEND_GRACE_MS,
    placeConcurrency: PLACE_CONCURRENCY,
    pollMs(batch) {
      const first = accountOf(batch)?.pollMs ?? LATER_MS;
      const ageMs = now() - (batch.sentAtMs ?? now());
      return Math.min(first * POLL_MAX_TIMES, Math.max(first, ageMs * POLL_SHARE_OF_AGE));
    },
    accepts: (job) => accounts.size > 0 && hasTimeForBatches(job, window, now()),
    patience: (job) => patienceWith(job, window, now()),
    placeOf: (item, signal) => placeItem(deps, item, signal),
    async submit(batch, items, job) {
      const account = accountOf(batch);
      if (!account) return { kind: 'refused' };
      const held = await reserve(deps, batch, items, job);
      if (held) {
        metrics.batch(account.provider, held.kind === 'refused' ? 'over_budget' : 'later');
        return held;
      }
      const outcome = await submit(deps, account, batch, items());
      metrics.batch(account.provider, outcome.kind);
      return outcome;
    },
    async find({ startedAtMs, endedAtMs, itemCount, ...batch }): Promise<LaneFound> {
      const { batchKey } = batch;
      const hasItem = (customId: string): boolean => indexIn(customId, batchKey) !== undefined;
      const lost = { batchKey, startedAtMs, endedAtMs, itemCount, hasItem };
      const found = (await accountOf(batch)?.api.find(lost)) ?? { state: 'absent' };
      if (found.state === 'found') return { kind: 'found', providerBatchId: found.providerBatchId };
      return found.state === 'absent' ? { kind: 'absent' } : { kind: 'undecided', waitMs: found.retryAfterMs };
    },
    async hasEnded(batch) {
      const status = await unlessGone(() => accountOf(batch)?.api.status(batch.providerBatchId));
      return status === undefined || hasEnded(status);
    },
    results: (batch, job, itemsOf) => results(deps, accountOf(batch), { batch, job, itemsOf }),
    cancel: async (batch) => void (await unlessGone(() => accountOf(batch)?.api.cancel(batch.providerBatchId))),
    onDone: async (batchKey) => deps.budgets?.release(batchKey),
    onLeft: (batch) => metrics.batch(partsOf(batch.group).provider, 'left'),
    close: async () => void (await Promise.all([...accounts.values()].map(({ api }) => api.close()))),
  };
}

/** What its provider does not know any more is as good as ended, with nothing in it. */
async function unlessGone<T>(call: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CostlaneError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Undefined: it may be handed over. Without an answer of the budgets it is not: it is tried again until its items' time makes them go one by one. */
async function reserve(
  { budgets, logger }: ProviderLaneDeps,
  { batchKey }: LaneBatch,
  items: () => AsyncIterable<SubmittedItem>,
  job: BatchJob,
): Promise<LaneSubmit | undefined> {
  try {
    const isReserved = (await budgets?.reserve(batchKey, items(), job)) ?? true;
    return isReserved ? undefined : { kind: 'refused' };
  } catch (err) {
    logger.warn({ err, batchKey }, 'budgets could not be reserved for a batch');
    return { kind: 'later', waitMs: LATER_MS };
  }
}

async function submit(
  { logger, now }: ProviderLaneDeps,
  { api, provider }: BatchAccount,
  { batchKey, group }: LaneBatch,
  items: AsyncIterable<SubmittedItem>,
): Promise<LaneSubmit> {
  const { dialect } = partsOf(group);
  let isOurs = false;
  async function* written(): AsyncGenerator<BatchItem> {
    try {
      for await (const { index, prepared } of items)
        if (prepared) yield { customId: customIdOf(index, batchKey), dialect, body: decodeItemPlan(prepared).body };
    } catch (error) {
      isOurs = true;
      throw error;
    }
  }
  const outcome = await api.submit(written(), { batchKey, deadlineAtMs: now() + SUBMIT_MS });
  if (outcome.ok) return { kind: 'submitted', providerBatchId: outcome.providerBatchId };
  const { error, isPerhapsSubmitted, isRetryable, retryAfterMs = LATER_MS } = outcome;
  logger.warn({ provider, batchKey, code: error.code, isPerhapsSubmitted }, 'a batch could not be handed over');
  if (isPerhapsSubmitted) return { kind: 'unknown' };
  // The items could not be read: that says nothing against them.
  return isRetryable || isOurs ? { kind: 'later', waitMs: retryAfterMs } : { kind: 'refused' };
}

type Taking = {
  batch: TakenBatch;
  job: Parameters<BatchLane['results']>[1];
  itemsOf: Parameters<BatchLane['results']>[2];
};

async function* results(
  deps: ProviderLaneDeps,
  account: BatchAccount | undefined,
  { batch, job, itemsOf }: Taking,
): ReturnType<typeof readResults> {
  if (!account) return;
  const { provider, api } = account;
  const { batchKey, group, providerBatchId } = batch;
  const lines = api.results(providerBatchId, {
    dialect: partsOf(group).dialect,
    onUnreadableLine: (line) => deps.logger.warn({ provider, batchKey, line }, 'a line of a batch’s results is none'),
  });
  try {
    yield* readResults(lines, batchKey, itemsOf, (item, outcome) =>
      settleResult(deps, { job, item, providerBatchId, batchKey }, outcome),
    );
  } catch (error) {
    // There are no results, or none any more.
    if (toCostlaneError(error).code !== 'not_found') throw error;
  }
  deps.metrics.batch(provider, 'ended');
}
