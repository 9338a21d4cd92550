import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  ExperimentServiceClient,
  ExperimentServiceService,
  type ExperimentReportReply,
  type RecordFeedbackReply,
} from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { createLogger, fromGrpcError, HealthRegistry, startGrpcServer, type GrpcServer } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { testRecord } from '../testing/test-stream';
import { createExperimentsController } from './experiments.controller';

type Callback<T> = (error: ServiceError | null, reply: T) => void;
const promised = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, reply) => (error ? reject(fromGrpcError(error)) : resolve(reply))));

const logger = createLogger({ service: 'test', level: 'silent' });
const serverUrl = databaseUrlForTests();

interface Report {
  status: string;
  tenant_id: string | null;
  started_at: string;
  stopped_at: string | null;
  control: string;
  comparison_confidence: number;
  variants: {
    name: string;
    requests: number;
    users: number;
    cost_usd_total: number;
    metrics: Record<string, { value: number | null; low: number | null; verdict: string | null; difference: unknown }>;
  }[];
}

(serverUrl ? describe : describe.skip)('experiment service', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let server: GrpcServer;
  let client: ExperimentServiceClient;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(serverUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger });
    const { control, experiments } = ledger;
    const implementation = createExperimentsController({ control, experiments, logger });
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger,
      health: new HealthRegistry(),
      services: [{ definition: ExperimentServiceService, implementation }],
    });
    client = new ExperimentServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await ledger.close();
    await scratch.drop();
  });

  const report = async (id: string, tenantId = '') =>
    JSON.parse(
      (await promised<ExperimentReportReply>((callback) => client.report({ id, tenantId }, callback))).json,
    ) as Report;
  const say = (requestId: string, value: number) =>
    promised<RecordFeedbackReply>((callback) =>
      client.recordFeedback({ tenantId: 'acme', requestId, value }, callback),
    );
  const start = (id: string) =>
    ledger.control.put({
      kind: 'experiment',
      id,
      body: {
        createdAt: '2026-11-27T00:00:00.000Z',
        share: 1,
        variants: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 2 },
          { name: 'unused', weight: 1 },
        ],
      },
      mode: 'create',
    });

  it('compares variants, and goes on after the experiment was stopped', async () => {
    await start('e1');
    const records = ['a', 'b'].flatMap((variant) =>
      Array.from({ length: 80 }, (_, at) => {
        const paidNanoUsd = (variant === 'a' ? 1_000_000 : 500_000) + 1_000 * (at % 7);
        return {
          ...testRecord(`req_${variant}${at}`),
          tenantId: at < 60 ? 'acme' : 'globex',
          userId: `user-${at % 40}`,
          experimentId: 'e1',
          experimentVariant: variant,
          paidNanoUsd,
          baselineNanoUsd: paidNanoUsd,
          savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
        };
      }),
    );
    await ledger.record(records);
    expect(await say('req_b1', 1)).toEqual({ isKnown: true });
    expect(await say('never', 1)).toEqual({ isKnown: false });
    await ledger.control.remove('experiment', 'e1');
    const shown = await report('e1');
    expect(shown).toMatchObject({
      status: 'stopped',
      tenant_id: null,
      started_at: '2026-11-27T00:00:00.000Z',
      stopped_at: expect.any(String),
      control: 'a',
      comparison_confidence: 0.975,
    });
    const [a, b, unused] = shown.variants;
    expect(a).toMatchObject({ name: 'a', requests: 80, users: 60, cost_usd_total: expect.closeTo(0.0802, 3) });
    expect(a?.metrics['cost_usd']).toMatchObject({ difference: null, verdict: null });
    expect(b?.metrics['cost_usd']).toMatchObject({
      value: expect.closeTo(0.000503, 5),
      verdict: 'better',
      difference: { relative: expect.closeTo(-0.5, 2) },
    });
    expect(b?.metrics['error_rate']).toMatchObject({ value: 0, verdict: 'no_difference_shown' });
    expect(b?.metrics['feedback']).toMatchObject({ value: 1, low: null, verdict: 'too_few_data' });
    expect(unused).toMatchObject({ requests: 0, metrics: { cost_usd: { value: null, verdict: 'too_few_data' } } });
    expect((await report('e1', 'globex')).variants[0]).toMatchObject({ requests: 20 });
  });

  it('refuses what it cannot answer', async () => {
    await expect(report('never')).rejects.toMatchObject({ code: 'not_found', field: 'id' });
    await expect(report('')).rejects.toMatchObject({ code: 'invalid_request', field: 'id' });
    await expect(say('req_a1', 2)).rejects.toMatchObject({ code: 'invalid_request', field: 'value' });
    await ledger.control.put({ kind: 'experiment', id: 'odd', body: { variants: 'none' } });
    await expect(report('odd')).rejects.toMatchObject({ code: 'internal' });
  });
});
