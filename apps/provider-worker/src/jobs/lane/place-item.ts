import { encodeItemPlan, type ItemPlan } from '@costlane/contracts';
import { CostlaneError, type ModelPrice } from '@costlane/domain';
import type { BatchItem, LanePlace } from '@costlane/jobs';
import type { FinishedJob } from '@costlane/lanes';
import type { AskItem } from '../ask-item';
import { readRequest, unanswered } from '../execute-item';
import { itemRequestId } from '../item-request-id';
import { recordFollowers } from '../record-followers';
import { toOutcome } from '../to-outcome';
import type { BatchAccount } from './batch-accounts';
import { customIdToMeasure, groupOf } from './batch-names';

export interface PlaceDeps {
  ask: AskItem;
  finish: (job: FinishedJob) => Promise<void>;
  accounts: ReadonlyMap<string, BatchAccount>;
  priceOf: (model: string) => ModelPrice | undefined;
  now: () => number;
}

/** A plan is made of look-ups in caches and a choice of model. */
const PLAN_MS = 60_000;

/**
 * Where an item goes: a gateway answers it from a cache or refuses it, or says what a provider is to be asked, which goes into a batch where
 * that provider has a Batch API that takes it.
 */
export async function placeItem(deps: PlaceDeps, item: BatchItem, signal: AbortSignal): Promise<LanePlace> {
  const request = readRequest(item.request);
  if (request === undefined) return { kind: 'direct' };
  const { ask, finish, now } = deps;
  const { job, followers } = item;
  const requestId = itemRequestId(item.job, item.index, item.tries);
  const deadlineAtMs = Math.min(item.job.deadlineAtMs ?? Infinity, now() + PLAN_MS);
  try {
    const isBillWanted = followers ? true : undefined;
    const recordedAtMs = job.createdAtMs;
    const asking = { mode: 'plan', requestId, recordedAtMs, deadlineAtMs, item: request, isBillWanted } as const;
    const reply = await ask(asking, { signal });
    if (reply.kind === 'answered') {
      const { bill, status } = reply;
      if (followers && bill && status < 400) await recordFollowers(finish, { job, followers, request, bill }, now());
      return { kind: 'ended', outcome: toOutcome(reply) };
    }
    const { header, decision, body } = reply;
    return placeOfPlan(deps, item.index, { header, decision, body });
  } catch (error) {
    return { kind: 'ended', outcome: unanswered(error) };
  }
}

function placeOfPlan({ accounts, priceOf }: PlaceDeps, index: number, plan: ItemPlan): LanePlace {
  const { header, body } = plan;
  const { provider, dialect, upstreamModel } = header;
  const account = accounts.get(provider);
  if (!account || header.stream || header.audit || header.isHoldout || !serves(account, upstreamModel))
    return { kind: 'direct' };
  if (!isCheaper(priceOf(header.model))) return { kind: 'direct' };
  try {
    const { group, sizeBytes, inputs } = account.api.measure({ customId: customIdToMeasure(index), dialect, body });
    const parts = { provider, account: account.account, dialect, rest: `${group} ${upstreamModel}` };
    return { kind: 'batch', group: groupOf(parts), sizeBytes, inputs, prepared: encodeItemPlan(plan) };
  } catch (error) {
    // It is no request for a batch: its provider says what is wrong with it, if anything is.
    if (error instanceof CostlaneError) return { kind: 'direct' };
    throw error;
  }
}

const serves = ({ models }: BatchAccount, model: string): boolean => models?.includes(model) ?? true;

/** A price that is not known may well be halved; one that is known and says nothing of batches has no reason to wait. */
const isCheaper = (price: ModelPrice | undefined): boolean =>
  price === undefined || price.batchDiscount !== undefined || price.serviceTiers?.['batch'] !== undefined;
