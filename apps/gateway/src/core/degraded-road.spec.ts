import {
  encodePart,
  ProviderWorkerServiceService,
  RunningReply,
  RunningRequest,
  type JobHeader,
} from '@costlane/contracts';
import { createLogger, createMuxHandler, HealthRegistry, startGrpcServer, type MuxMethod } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { createDegradedRoad, type DegradedRoad } from './degraded-road';

const logger = createLogger({ service: 'spec', level: 'silent' });
/** Only Linux answers on all of 127.0.0.0/8 without being told to. */
const itOnLinux = process.platform === 'linux' ? it : it.skip;

describe('createDegradedRoad', () => {
  const cleanUp: (() => unknown)[] = [];
  afterEach(async () => {
    for (const each of cleanUp.splice(0).reverse()) await each();
  });

  /** A worker that counts the jobs it is given, and says that it runs the request named like its address. */
  const startWorker = async (host: string, port: number) => {
    const executed: string[] = [];
    const hold = (signal: AbortSignal): Promise<Buffer> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(Buffer.alloc(0))));
    const methods: Record<string, MuxMethod> = {
      Hello: (_, { signal }) => hold(signal),
      Execute: async () => {
        executed.push(host);
        return encodePart('1|r||0', Buffer.alloc(0));
      },
      Running: async (body) => {
        const { requestIds } = RunningRequest.decode(body);
        const runningRequestIds = requestIds.filter((id) => id === host);
        return Buffer.from(RunningReply.encode({ runningRequestIds }).finish());
      },
    };
    const server = await startGrpcServer({
      host,
      port,
      logger,
      health: new HealthRegistry(),
      services: [
        { definition: ProviderWorkerServiceService, implementation: { mux: createMuxHandler({ logger, methods }) } },
      ],
    });
    cleanUp.push(() => server.close());
    return { port: server.port, executed };
  };

  itOnLinux('uses every worker behind one name, finds new ones and leaves those that are gone', async () => {
    const first = await startWorker('127.0.0.1', 0);
    const second = await startWorker('127.0.0.2', first.port);
    let found = ['127.0.0.1', '127.0.0.2'];
    const road: DegradedRoad = createDegradedRoad({
      addresses: [`workers:${first.port}`],
      gatewayId: 'g1',
      logger,
      onPart: () => undefined,
      resolve: async () => found,
    });
    cleanUp.push(() => road.close());
    const execute = (): void => road.execute({ requestId: 'r' } as JobHeader, Buffer.alloc(0), () => undefined);

    await waitFor(() => road.connected() === 2);
    for (let n = 0; n < 4; n++) execute();
    await waitFor(() => first.executed.length === 2 && second.executed.length === 2);
    expect(await road.running(['127.0.0.1', '127.0.0.2', 'other'])).toEqual(new Set(['127.0.0.1', '127.0.0.2']));

    found = ['127.0.0.2'];
    await waitFor(() => road.connected() === 1, { timeoutMs: 8_000 });
    for (let n = 0; n < 4; n++) execute();
    await waitFor(() => second.executed.length === 6);
    expect(first.executed.length).toBe(2);
  });
});
