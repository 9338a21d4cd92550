import { consumerGroups, encodeItemReply, replyField, type ItemReply, type StreamNames } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import source from './finish-items.lua';
import { createTickQueue } from './tick-queue';

/** Hard bounds, in entries; a runner trims its stream as it reads. */
const REPLY_BOUND_ENTRIES = 200_000;
const DEAD_LETTERS_BOUND_ENTRIES = 10_000;
const RETRY_INTERVAL_MS = 200;
/** A script call blocks Redis for everybody: more items wait for the next one. */
const MAX_BATCH_ITEMS = 64;

/** The end of an item. */
export interface FinishedItem {
  entryId: string;
  /** Absent: nobody waits. */
  reply?: { to: string; taskId: string; reply: ItemReply };
  /** What people have to know of an item that was given up; never what it asks. */
  deadLetter?: Record<string, unknown>;
}

export interface ItemFinisher {
  /** Resolves when Redis has taken it, and tries for as long as it takes; at {@link ItemFinisher.stop} it resolves in any case. */
  finish(item: FinishedItem): Promise<void>;
  stop(): void;
}

interface Waiting {
  item: FinishedItem;
  resolve: () => void;
}

const EMPTY = Buffer.alloc(0);

/** Replies and acknowledgements of one tick in one script call. Ended twice, an item is answered twice, which does no harm. */
export function createItemFinisher({ redis, names }: { redis: Redis; names: StreamNames }): ItemFinisher {
  const run = bindScript(redis, source);
  let isStopped = false;
  const queue = createTickQueue<Waiting>(async (batch) => {
    const { keys, args } = encodeBatch(batch, names);
    while (!isStopped) {
      try {
        await run(keys, args);
        break;
      } catch {
        // Redis is away, and its connection says so: the answers were paid for, so they wait. Items in hand are bounded.
        await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
      }
    }
    for (const { resolve } of batch) resolve();
  }, MAX_BATCH_ITEMS);
  return {
    finish: (item) => new Promise((resolve) => queue.push({ item, resolve })),
    stop: () => void (isStopped = true),
  };
}

function encodeBatch(batch: readonly Waiting[], names: StreamNames) {
  const keys = [names.items, names.deadLetters];
  const indexes = new Map<string, number>();
  const args: (string | number | Buffer)[] = [consumerGroups.items, REPLY_BOUND_ENTRIES, DEAD_LETTERS_BOUND_ENTRIES];
  for (const { item } of batch) {
    const { reply, deadLetter } = item;
    let index = 0;
    if (reply) {
      const key = names.reply(reply.to);
      index = indexes.get(key) ?? keys.push(key);
      indexes.set(key, index);
    }
    args.push(item.entryId, index, reply ? replyField('r', '0', 0, reply.taskId) : '');
    args.push(reply ? encodeItemReply(reply.reply) : EMPTY, deadLetter ? JSON.stringify(deadLetter) : '');
  }
  return { keys, args };
}
