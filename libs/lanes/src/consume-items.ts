import { consumerGroups, decodeItemTask, type ItemReply, type ItemTask, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createEntryConsumer } from './consume-entries';
import { fieldValue, type StreamEntry } from './consumer-group';
import { createItemFinisher } from './finish-items';

/** An item as a gateway gets it. */
export interface ReceivedItem {
  entryId: string;
  task: ItemTask;
  /** How often it was handed out, this time included. */
  deliveries: number;
}

/** Why an item is not done: its time was over, it says nothing that can be read, or it was begun too often. */
export type ItemDropReason = 'late' | 'unreadable' | 'given_up';

export interface ItemConsumer {
  /** Reads until it is stopped. */
  start(): void;
  /** Says that a place has become free. */
  wake(): void;
  /** Stops reading; what was handed out stays the caller's. */
  stopReading(): Promise<void>;
  /** Answers an item and ends it. Resolves when Redis has taken that, which may be after an outage. */
  reply(received: ReceivedItem, reply: ItemReply): Promise<void>;
  /** Ends an item for which nobody waits. */
  discard(received: ReceivedItem): Promise<void>;
  /** Gives up what could not be written yet: another gateway will be handed those items. */
  close(): void;
}

export interface ItemConsumerOptions {
  /** For commands, and a connection of its own for blocking reads. */
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  /** Has to beat (`startHeartbeat`) from before it reads until its items are done, or others claim them. */
  consumer: string;
  logger: Logger;
  freePlaces: () => number;
  /** May get an entry again that it has or had: after a lost connection and after a crash. It must not throw. */
  onItem: (received: ReceivedItem) => void;
  onDropped?: (reason: ItemDropReason) => void;
}

/** An item whose gateway went down with it so often is not tried on one more. */
const MAX_DELIVERIES = 4;

/** Takes items of durable jobs as one of the gateways; those of gateways that died are claimed. At least once. */
export function createItemConsumer(options: ItemConsumerOptions): ItemConsumer {
  const { redis, names, logger, onDropped = () => undefined } = options;
  const finisher = createItemFinisher({ redis, names });

  const unreadable = (entry: StreamEntry, error: unknown): void => {
    logger.error({ err: error, entry: entry.id }, 'an item cannot be read and is put aside');
    onDropped('unreadable');
    void finisher.finish({ entryId: entry.id, deadLetter: { reason: 'unreadable' } });
  };
  const givenUp = ({ entryId, task, deliveries }: ReceivedItem): void => {
    const { requestId, mode, item } = task;
    const { endpoint, caller } = item;
    logger.error({ requestId, mode, deliveries }, 'an item was given up after its attempts');
    onDropped('given_up');
    const deadLetter = { reason: 'given_up', requestId, mode, endpoint, tenantId: caller.tenantId, deliveries };
    void finisher.finish({ entryId, deadLetter, reply: addressed(task, gaveUp) });
  };
  const onEntry = (entry: StreamEntry, deliveries: number): void => {
    let task: ItemTask;
    try {
      task = decodeItemTask(fieldValue(entry.fields, 'payload') ?? Buffer.alloc(0));
    } catch (error) {
      return unreadable(entry, error);
    }
    const received: ReceivedItem = { entryId: entry.id, task, deliveries };
    if (task.deadlineAtMs <= Date.now()) {
      onDropped('late');
      void finisher.finish({ entryId: entry.id });
    } else if (deliveries > MAX_DELIVERIES) givenUp(received);
    else options.onItem(received);
  };

  const { blockingRedis, consumer, freePlaces } = options;
  const streams = [names.items];
  const group = consumerGroups.items;
  const common = { redis, blockingRedis, names, streams, group, consumer, logger, freePlaces };
  const entries = createEntryConsumer({ ...common, onEntry });
  return {
    start: () => entries.start(),
    wake: () => entries.wake(),
    stopReading: () => entries.stop(),
    reply: ({ entryId, task }, reply) => finisher.finish({ entryId, reply: addressed(task, reply) }),
    discard: ({ entryId }) => finisher.finish({ entryId }),
    close: () => finisher.stop(),
  };
}

const addressed = ({ replyTo, taskId }: ItemTask, reply: ItemReply) => ({ to: replyTo, taskId, reply });

const gaveUp: ItemReply = {
  kind: 'answered',
  status: 500,
  contentType: 'application/json',
  errorCode: 'internal',
  isRetryable: false,
  paidNanoUsd: 0,
  body: Buffer.from(
    JSON.stringify({ error: 'The gateway went down each time that this item was begun; it was given up.' }),
  ),
};
