import { decodeItemReply, type ItemReply, type ItemTask, type ReplyPart, type StreamNames } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { bindScript, type Logger, type Redis } from '@costlane/platform';
import missingSource from './missing-items.lua';
import { createItemPublisher } from './publish-items';
import { createReplyReader } from './read-replies';
import { createSignalPublisher } from './signals';

/** What a runner wants done with an item; who asks, and how the reply finds back, is added. */
export type ItemAsking = Omit<ItemTask, 'v' | 'taskId' | 'replyTo'>;

export interface ItemReplies {
  start(): void;
  /**
   * Asks the gateways, and resolves with what one of them made of it. Rejects with CostlaneError `unavailable` when the task could not be handed over or
   * was lost (it may have been done all the same), `deadline_exceeded` when its time is over, `cancelled` when the signal is aborted, of which the
   * gateway is told as far as it hears.
   */
  ask(asking: ItemAsking, options?: { signal?: AbortSignal }): Promise<ItemReply>;
  /** Tasks without a reply. */
  waiting(): number;
  /** Those that wait are rejected with `unavailable`. */
  stop(): Promise<void>;
}

interface Waiting {
  deadlineAtMs: number;
  askedAtMs: number;
  entryId: string | undefined;
  /** It was not in the stream when last looked for. */
  isMissing: boolean;
  settle: (reply: ItemReply | CostlaneError) => void;
}

const SWEEP_INTERVAL_MS = 100;
const LOSS_CHECK_INTERVAL_MS = 5_000;
/** So many are looked for at a time. */
const LOSS_CHECK_MAX_TASKS = 1_000;
const RETRY_AFTER_MS = 1_000;
const PREFIX = 'item:';

/** How a cancelled task is called among the signals; no request is called so. */
export const itemSignal = (taskId: string): string => `${PREFIX}${taskId}`;

/** Inverse of {@link itemSignal}; undefined for the id of a request. */
export const taskOfSignal = (id: string): string | undefined =>
  id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;

/** The runner's side of items: puts tasks before the gateways and takes the replies out of the runner's own reply stream. */
export function createItemReplies(options: {
  /** For commands, and a connection of its own for blocking reads. */
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  /** No other process, and no earlier one, may be called so. */
  runnerId: string;
  logger: Logger;
  /** Default 5 s: a task that is gone from the stream twice in a row, and without a reply, was lost. */
  lossCheckIntervalMs?: number;
}): ItemReplies {
  const { redis, names, runnerId, logger, lossCheckIntervalMs = LOSS_CHECK_INTERVAL_MS } = options;
  const publisher = createItemPublisher({ redis, names });
  const signals = createSignalPublisher({ redis, names });
  const findMissing = bindScript(redis, missingSource);
  const waiting = new Map<string, Waiting>();
  let asked = 0;
  let isChecking = false;
  let checkedAtMs = Date.now();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  const onPart = ({ requestId, value }: ReplyPart): void => waiting.get(requestId)?.settle(decodeItemReply(value));
  const reader = createReplyReader({
    redis,
    blockingRedis: options.blockingRedis,
    names,
    gatewayId: runnerId,
    logger,
    onPart,
  });

  /** A reply comes in one step with the end of its entry: where neither is there, Redis has lost them. */
  const checkLost = async (): Promise<void> => {
    const held = [...waiting.values()].filter((task) => task.entryId !== undefined).slice(0, LOSS_CHECK_MAX_TASKS);
    const old = held.filter((task) => Date.now() - task.askedAtMs >= lossCheckIntervalMs);
    if (old.length === 0 || redis.status !== 'ready') return;
    const gone = await findMissing(
      [names.items],
      old.map((task) => task.entryId ?? ''),
    );
    const missing = new Set(gone as number[]);
    old.forEach((task, index) => {
      const isMissing = missing.has(index + 1);
      if (isMissing && task.isMissing) task.settle(lost());
      task.isMissing = isMissing;
    });
  };
  const sweep = (): void => {
    const nowMs = Date.now();
    for (const task of waiting.values()) if (task.deadlineAtMs <= nowMs) task.settle(tooLate());
    if (isChecking || nowMs - checkedAtMs < lossCheckIntervalMs) return;
    isChecking = true;
    checkLost()
      .catch((err: unknown) => logger.debug({ err }, 'looking for lost items failed'))
      .finally(() => {
        isChecking = false;
        checkedAtMs = Date.now();
      })
      .catch(() => undefined);
  };

  return {
    start() {
      reader.start();
      timer = setInterval(sweep, SWEEP_INTERVAL_MS);
    },
    ask(asking, { signal } = {}) {
      if (isStopped) return Promise.reject(stopped());
      if (signal?.aborted) return Promise.reject(cancelled());
      if (asking.deadlineAtMs <= Date.now()) return Promise.reject(tooLate());
      const taskId = `${runnerId}-${(++asked).toString(36)}`;
      return new Promise((resolve, reject) => {
        const settle = (reply: ItemReply | CostlaneError): void => {
          if (!waiting.delete(taskId)) return;
          signal?.removeEventListener('abort', onAbort);
          if (reply instanceof CostlaneError) reject(reply);
          else resolve(reply);
        };
        const { deadlineAtMs } = asking;
        const task: Waiting = { deadlineAtMs, askedAtMs: Date.now(), entryId: undefined, isMissing: false, settle };
        const onAbort = (): void => {
          settle(cancelled());
          if (task.entryId !== undefined) publisher.withdraw(task.entryId);
          signals.cancel(itemSignal(taskId));
        };
        waiting.set(taskId, task);
        signal?.addEventListener('abort', onAbort, { once: true });
        publisher.publish({ ...asking, v: 1, taskId, replyTo: runnerId }).then(
          (entryId) => {
            task.entryId = entryId;
            // Nobody waits any more.
            if (!waiting.has(taskId) && signal?.aborted) publisher.withdraw(entryId);
          },
          (error: CostlaneError) => settle(error),
        );
      });
    },
    waiting: () => waiting.size,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      for (const task of waiting.values()) task.settle(stopped());
      await reader.stop();
    },
  };
}

const lost = (): CostlaneError =>
  new CostlaneError('unavailable', 'The item was lost on its way to a gateway or back.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
const stopped = (): CostlaneError =>
  new CostlaneError('unavailable', 'The runner is stopping.', { retryAfterMs: RETRY_AFTER_MS });
const tooLate = (): CostlaneError =>
  new CostlaneError('deadline_exceeded', 'The deadline of the item passed before it was answered.');
const cancelled = (): CostlaneError => new CostlaneError('cancelled', 'Nobody waits for the item any more.');
