import {
  budgetChannel,
  invalidateChannel,
  type BudgetMessage,
  type InvalidationMessage,
  type StreamNames,
} from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createTickQueue } from './tick-queue';

/** The batcher's announcement: providers that take work straight into their dispatch stream, until it is renewed or runs out. */
export interface FlowMessage {
  direct: string[];
  validMs: number;
}

export interface SignalPublisher {
  /** Nobody waits for this request any more. */
  cancel(requestId: string): void;
  flow(message: FlowMessage): Promise<void>;
  invalidate(message: InvalidationMessage): Promise<void>;
}

/** Small words between processes over pub/sub: they are hints, lost without harm. */
export function createSignalPublisher({ redis, names }: { redis: Redis; names: StreamNames }): SignalPublisher {
  const cancels = createTickQueue<string>(async (ids) => {
    await redis.publish(names.cancelChannel, ids.join(' ')).catch(() => undefined);
  });
  return {
    cancel: (requestId) => cancels.push(requestId),
    flow: async (message) => void (await redis.publish(names.flowChannel, JSON.stringify(message))),
    invalidate: async (message) => void (await redis.publish(invalidateChannel, JSON.stringify(message))),
  };
}

export interface SignalHandlers {
  onCancel?: (requestId: string) => void;
  onFlow?: (message: FlowMessage) => void;
  onInvalidate?: (message: InvalidationMessage) => void;
  onBudget?: (message: BudgetMessage) => void;
  /** The subscription was lost and is back: what was said meanwhile is unknown. */
  onGap?: () => void;
}

/** Subscribes on a connection of its own, and again after each reconnect. */
export function subscribeSignals(options: {
  redis: Redis;
  names: StreamNames;
  logger: Logger;
  handlers: SignalHandlers;
}): { stop(): void } {
  const { redis, names, logger, handlers } = options;
  const channels: string[] = [];
  if (handlers.onCancel) channels.push(names.cancelChannel);
  if (handlers.onFlow) channels.push(names.flowChannel);
  if (handlers.onInvalidate) channels.push(invalidateChannel);
  if (handlers.onBudget) channels.push(budgetChannel);
  let hasSubscribed = false;

  const subscribe = (): void => {
    redis.subscribe(...channels).then(
      () => {
        if (hasSubscribed) handlers.onGap?.();
        hasSubscribed = true;
      },
      (error: unknown) => logger.debug({ err: error }, 'subscribing failed; the next reconnect tries again'),
    );
  };
  redis.on('message', (channel: string, text: string) => {
    try {
      if (channel === names.cancelChannel) for (const id of text.split(' ')) handlers.onCancel?.(id);
      else if (channel === names.flowChannel) handlers.onFlow?.(JSON.parse(text) as FlowMessage);
      else if (channel === invalidateChannel) handlers.onInvalidate?.(JSON.parse(text) as InvalidationMessage);
      else if (channel === budgetChannel) handlers.onBudget?.(JSON.parse(text) as BudgetMessage);
    } catch (error) {
      logger.warn({ err: error, channel }, 'a signal cannot be read and is passed over');
    }
  });
  redis.on('ready', subscribe);
  if (redis.status === 'ready') subscribe();
  return { stop: () => redis.disconnect() };
}
