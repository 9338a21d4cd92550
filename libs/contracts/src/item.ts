import type { RouteDecision } from '@costlane/domain';
import type { JobHeader } from './job';
import type { ReplyHeader } from './reply';

/** For whom an item is asked. What the caller may do is looked up anew when it runs; this is who it was when the job was accepted. */
export interface ItemCaller {
  tenantId: string;
  teamId?: string;
  userId?: string;
  keyId?: string;
  role: 'admin' | 'member';
}

/** A request of a durable job, as it is kept and travels: the door that it is for, and what is put to that door. */
export interface ItemRequest {
  v: 1;
  /** Path of the door: `/v1/inference`, `/v1/chat/completions`, … */
  endpoint: string;
  caller: ItemCaller;
  /** Headers that steer it, in lower case. Never the key. */
  headers: Record<string, string>;
  body: Buffer;
}

/**
 * `execute`: ask it, and give the door's answer. `plan`: answer it where a cache can or it has to be refused, else say what a provider is
 * to be asked. `render`: put a provider's answer, which came by a Batch API, into the door's form.
 */
export type ItemMode = 'execute' | 'plan' | 'render';

/** What a gateway is asked to do with an item. */
export interface ItemTask {
  v: 1;
  /** Names this asking, for its reply. */
  taskId: string;
  /** Whose reply stream gets it. */
  replyTo: string;
  mode: ItemMode;
  /**
   * Of the request, for its record: the ledger takes it once, and a worker answers it once. Asked again for want of a reply an item keeps it; asked
   * again after a failed one it needs another, or what the next try costs is on no record.
   */
  requestId: string;
  /** Time under which the ledger keeps the request: the same each time that it is asked under this id. Epoch milliseconds. */
  recordedAtMs?: number;
  /** Epoch milliseconds: after it nobody waits for the reply. */
  deadlineAtMs: number;
  item: ItemRequest;
  /** For `render`. */
  rendering?: ItemRendering;
  /** The answer is to say what it cost and would have cost, for items that get it as well. */
  isBillWanted?: true;
}

export interface ItemRendering {
  /** As `plan` gave it. */
  plan: ItemPlan;
  /** Header line and body of the answer, as `encodeReply` writes them. */
  reply: Buffer;
}

/** What a provider is to be asked for an item. */
export interface ItemPlan {
  header: JobHeader;
  decision: RouteDecision;
  /** In the header's dialect, with the model in it, not streamed. */
  body: Buffer;
}

/** What a door answered. */
export interface ItemAnswer {
  kind: 'answered';
  status: number;
  contentType: string;
  /** Present on a failure. */
  errorCode?: string;
  /** Nothing and nobody has tried it, or it failed for a passing reason that no one has tried to get over: it may be asked again. */
  isRetryable: boolean;
  retryAfterMs?: number;
  /** What this item pays. */
  paidNanoUsd: number;
  /** As `X-Cache` says it. */
  cacheTier?: string;
  /** Where it was wanted and something was answered: model, usage and amounts. */
  bill?: ReplyHeader;
  body: Buffer;
}

export type ItemReply = ItemAnswer | ({ kind: 'planned' } & ItemPlan);

/** An item as bytes: a line of JSON, then the body untouched. */
export function encodeItemRequest({ body, ...head }: ItemRequest): Buffer {
  return framed(head, [body]);
}

/** Inverse of {@link encodeItemRequest}. Throws on another version. */
export function decodeItemRequest(bytes: Buffer): ItemRequest {
  const { head, parts } = unframed<Omit<ItemRequest, 'body'>>(bytes, 1);
  if (head.v !== 1) throw new Error(`item has version ${String(head.v)}, this build reads 1`);
  return { ...head, body: parts[0] ?? EMPTY };
}

export function encodeItemPlan({ body, ...head }: ItemPlan): Buffer {
  return framed(head, [body]);
}

/** Inverse of {@link encodeItemPlan}. */
export function decodeItemPlan(bytes: Buffer): ItemPlan {
  const { head, parts } = unframed<Omit<ItemPlan, 'body'>>(bytes, 1);
  return { ...head, body: parts[0] ?? EMPTY };
}

export function encodeItemTask({ item, rendering, ...head }: ItemTask): Buffer {
  const parts = [encodeItemRequest(item)];
  if (rendering) parts.push(encodeItemPlan(rendering.plan), rendering.reply);
  return framed(head, parts);
}

/** Inverse of {@link encodeItemTask}. Throws on another version. */
export function decodeItemTask(bytes: Buffer): ItemTask {
  const { head, parts } = unframed<Omit<ItemTask, 'item' | 'rendering'>>(bytes);
  if (head.v !== 1) throw new Error(`item task has version ${String(head.v)}, this build reads 1`);
  const [item, plan, reply] = parts;
  if (!item) throw new Error('item task has no item');
  const rendering = plan && reply ? { plan: decodeItemPlan(plan), reply } : undefined;
  return { ...head, item: decodeItemRequest(item), rendering };
}

export function encodeItemReply({ body, ...head }: ItemReply): Buffer {
  return framed(head, [body]);
}

/** Inverse of {@link encodeItemReply}. */
export function decodeItemReply(bytes: Buffer): ItemReply {
  const { head, parts } = unframed<Omit<ItemReply, 'body'>>(bytes, 1);
  return { ...head, body: parts[0] ?? EMPTY } as ItemReply;
}

const EMPTY = Buffer.alloc(0);
const NEW_LINE = 0x0a;

/** A line of JSON that says how long each part is, then the parts. */
function framed(head: object, parts: readonly Buffer[]): Buffer {
  const line = `${JSON.stringify({ head, sizes: parts.map(({ length }) => length) })}\n`;
  return Buffer.concat([Buffer.from(line), ...parts]);
}

function unframed<H>(bytes: Buffer, count?: number): { head: H; parts: Buffer[] } {
  const end = bytes.indexOf(NEW_LINE);
  if (end < 0) throw new Error('item has no header line');
  const { head, sizes } = JSON.parse(bytes.toString('utf8', 0, end)) as { head: H; sizes: number[] };
  const total = sizes.reduce((sum, size) => sum + size, end + 1);
  if (total !== bytes.length || (count !== undefined && sizes.length !== count)) throw new Error('item is cut short');
  let from = end + 1;
  const parts = sizes.map((size) => bytes.subarray(from, (from += size)));
  return { head, parts };
}
