import type { ItemReply, ItemTask, StreamNames } from '@costlane/contracts';
import { createItemConsumer, startHeartbeat } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';

/** A member of the gateways' group whose answers a test decides; undefined: it says nothing. */
export async function startFakeGateway(
  { names, logger, connect }: { names: StreamNames; logger: Logger; connect: (o?: object) => Promise<Redis> },
  answer: (task: ItemTask) => Promise<ItemReply | undefined> | ItemReply | undefined,
) {
  const redis = await connect();
  const consumer = 'fake-gateway';
  const heartbeat = startHeartbeat({
    redis,
    names,
    consumer,
    logger,
    state: () => ({ concurrency: 64, inFlight: 0 }),
  });
  const tasks: ItemTask[] = [];
  const items = createItemConsumer({
    redis,
    blockingRedis: await connect({ blocking: true }),
    names,
    consumer,
    logger,
    freePlaces: () => 64,
    onItem: (received) => {
      tasks.push(received.task);
      void Promise.resolve(answer(received.task)).then((reply) => reply && items.reply(received, reply));
    },
  });
  items.start();
  return {
    tasks,
    async stop() {
      await items.stopReading();
      items.close();
      await heartbeat.stop();
    },
  };
}

/** An answer of a door as a test needs it. */
export const answered = (body: string, changes: Partial<Extract<ItemReply, { kind: 'answered' }>> = {}): ItemReply => ({
  kind: 'answered',
  status: 200,
  contentType: 'application/json',
  isRetryable: false,
  paidNanoUsd: 0,
  body: Buffer.from(body),
  ...changes,
});
