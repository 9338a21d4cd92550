import { decodePayload, type Job, type JobHeader, type Priority } from '@costlane/contracts';
import type { BatchWork, SemanticQuestion } from '@costlane/domain';
import { fieldValue, type LaneEntry } from '@costlane/lanes';
import { callTokens } from './call-tokens';
import { leadingBlocks } from './leading-blocks';
import { sharingScope } from './sharing-scope';

/** What an entry takes in memory beside its fields, about. */
const ENTRY_BYTES = 1_500;

/** Says what is asked as a vector, where a like question may share the answer. */
export type VectorOf = (work: LaneWork) => Float32Array | undefined;

/** A lane's entry as the scheduler sees it. Its header is not kept: what is needed of it later is read from the payload again. */
export class LaneWork implements BatchWork {
  readonly id: string;
  readonly requestId: string;
  readonly tenantId: string;
  readonly provider: string;
  readonly target: string;
  readonly tokens: number;
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  readonly createdAtMs: number;
  /** Calls end at different providers' own pace, which the batcher does not see: only work whose deadline is over is dropped. */
  readonly serviceMs = 0;
  readonly fingerprint: string | undefined;
  readonly vector: (() => Float32Array | undefined) | undefined;
  /** The question, and what else has to be equal where one answer serves two. */
  readonly question: SemanticQuestion | undefined;
  readonly scope: string | undefined;
  /** Cosine that its caller wants at the least; 0: what is usual. */
  readonly minSimilarity: number;
  readonly traceparent: string | undefined;
  readonly sizeBytes: number;
  private readonly body: Buffer;
  /** null: not looked at yet. */
  private blocks: readonly string[] | undefined | null;

  constructor(
    readonly lane: Priority,
    readonly entry: LaneEntry,
    { header, body }: Pick<Job, 'header' | 'body'>,
    nowMs: number,
    vectorOf?: VectorOf,
    /** When it entered the lane, by this host's clock. */
    cameAtMs = Number.parseInt(entry.id, 10),
  ) {
    this.requestId = header.requestId;
    this.tenantId = header.tenantId;
    this.id = workId(header);
    this.provider = header.provider;
    this.target = `${header.provider}/${header.upstreamModel}`;
    this.tokens = callTokens(body);
    this.arrivedAtMs = Math.min(nowMs, cameAtMs);
    this.deadlineAtMs = header.deadlineAtMs;
    this.createdAtMs = header.createdAtMs;
    this.traceparent = header.traceparent;
    this.scope = sharingScope(header, nowMs);
    this.minSimilarity = header.minSimilarity ?? 0;
    this.fingerprint = this.scope === undefined ? undefined : `${header.fingerprint} ${this.scope}`;
    this.question = this.scope === undefined || !vectorOf ? undefined : header.semantic;
    this.vector = this.question && vectorOf && (() => vectorOf(this));
    this.body = body;
    // Where those with one beginning are put together, one of the holdout stays by itself.
    this.blocks = header.isHoldout ? undefined : null;
    this.sizeBytes = ENTRY_BYTES + entry.fields.reduce((sum, field) => sum + field.length, 0);
  }

  get prefix(): readonly string[] | undefined {
    if (this.blocks === null) this.blocks = leadingBlocks(this.body);
    return this.blocks;
  }

  /** As it came, once more. */
  decode(): { header: JobHeader; body: Buffer } {
    const payload = fieldValue(this.entry.fields as Buffer[], 'payload');
    return decodePayload(payload ?? Buffer.alloc(0));
  }
}

/** A request that was published twice is one piece of work. */
export const workId = ({ tenantId, requestId }: Pick<JobHeader, 'tenantId' | 'requestId'>): string =>
  `${tenantId} ${requestId}`;

/** In the order of their lane. */
export function byArrival(a: LaneWork, b: LaneWork): number {
  const [aMs = 0, aSequence = 0] = a.entry.id.split('-').map(Number);
  const [bMs = 0, bSequence = 0] = b.entry.id.split('-').map(Number);
  return aMs - bMs || aSequence - bSequence;
}
