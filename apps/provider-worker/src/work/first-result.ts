import { decodeReply, encodeReply, type Job, type StreamNames } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Redis } from '@costlane/platform';
import { refuseJob, type FinishedRun } from './run-job';

/** A failure that may pass is not kept as the key's first result: the client is meant to try again with the same key. */
export function resultToKeep(
  job: Job,
  { reply, answer }: FinishedRun,
  lifetimeSeconds: number,
): { ttlSeconds: number; value: Buffer } {
  // Of an answer that was too long to be kept nothing could be given again.
  const isFinal = reply.status < 500 && reply.status !== 429 && reply.status !== 499 && answer !== undefined;
  const mark = JSON.stringify({ state: isFinal ? 'done' : 'failed', bodyHash: job.header.idempotency?.bodyHash });
  const value = Buffer.concat([Buffer.from(`${mark}\n`), encodeReply(reply, isFinal ? answer : undefined)]);
  return { ttlSeconds: isFinal ? lifetimeSeconds : 1, value };
}

/** The reply that another run of this idempotency key has given; charged once, so this one costs nothing. */
export async function firstResult(
  job: Job,
  { redis, names, newAttempt }: { redis: Redis; names: StreamNames; newAttempt: () => string },
): Promise<FinishedRun | undefined> {
  const { idempotency, tenantId } = job.header;
  if (!idempotency) return undefined;
  const kept = await redis.getBuffer(names.idempotency(tenantId, idempotency.keyHash)).catch(() => null);
  const end = kept?.indexOf(0x0a) ?? -1;
  if (!kept || end < 0 || !kept.toString('utf8', 0, end).includes('"state":"done"')) return undefined;
  const { header, body } = decodeReply(kept.subarray(end + 1));
  const repeat = refuseJob(job, newAttempt(), new CostlaneError('internal', 'repeated'), Date.now(), undefined);
  const record = {
    ...repeat.record,
    httpStatus: header.status,
    errorCode: header.errorCode,
    cacheTier: 'coalesced' as const,
  };
  return { ...repeat, record, value: encodeReply({ ...header, paidNanoUsd: 0 }, body), isRepeat: true };
}
