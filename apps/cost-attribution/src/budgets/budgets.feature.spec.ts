import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  budgetChannel,
  BudgetServiceClient,
  type Budget,
  type BudgetMessage,
  type BudgetSyncReply,
  type LeaseReply,
  type ListBudgetsReply,
  type ReserveReply,
} from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import {
  createMetrics,
  createRedis,
  fromGrpcError,
  HealthRegistry,
  startGrpcServer,
  type GrpcServer,
  type Metrics,
  type Redis,
} from '@costlane/platform';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import { configSchema } from '../config';
import { describeWithServers, quiet, startTestStream, testRecord, type TestStream } from '../testing/test-stream';
import { createBudgetsFeature } from './budgets.feature';

type Callback<T> = (error: ServiceError | null, reply: T) => void;
const promised = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, reply) => (error ? reject(fromGrpcError(error)) : resolve(reply))));

const wire = (changes: Partial<Budget> = {}): Budget => ({
  id: '',
  scope: 'org',
  tenantId: 'acme',
  scopeId: '',
  period: 'day',
  limitNanoUsd: 1_000,
  softLimitNanoUsd: 0,
  onExceeded: '',
  onUnreachable: '',
  version: 0,
  isRemoved: false,
  createdAt: '',
  updatedAt: '',
  ...changes,
});
const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;

describeWithServers('the budget service', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let stream: TestStream;
  let metrics: Metrics;
  let server: GrpcServer;
  let client: BudgetServiceClient;
  let listener: Redis;
  let stop: () => unknown;
  const said: BudgetMessage[] = [];

  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    stream = await startTestStream();
    metrics = createMetrics({ service: 'test' });
    const config = configSchema.parse({ DATABASE_URL: scratch.url });
    const health = new HealthRegistry();
    const feature = createBudgetsFeature({
      config,
      logger: quiet,
      metrics,
      health,
      redis: stream.redis,
      ledger,
      names: stream.names,
    });
    feature.start?.();
    stop = () => feature.stop?.();
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger: quiet,
      health,
      services: feature.services ?? [],
    });
    client = new BudgetServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    listener = createRedis(stream.url, { name: 'listener', logger: quiet });
    listener.on('message', (_, text: string) => said.push(JSON.parse(text) as BudgetMessage));
    await waitFor(() => listener.status === 'ready');
    await listener.subscribe(budgetChannel);
  });
  afterAll(async () => {
    client.close();
    await stop();
    await server.close();
    listener.disconnect();
    await stream.end();
    await ledger.close();
    await scratch.drop();
  });

  const put = (changes: Partial<Budget> = {}): Promise<Budget> =>
    promised<Budget>((callback) => client.putBudget({ budget: wire(changes) }, callback));
  const lease = (lessee: string, budgetId: string, needNanoUsd: number, periodStartMs = today) => {
    const asks = [{ budgetId, subject: '', periodStartMs, needNanoUsd, wantNanoUsd: needNanoUsd }];
    return promised<LeaseReply>((callback) => client.lease({ lessee, holdMs: 0, asks }, callback));
  };
  const sync = (lessee: string, changes: object = {}) => {
    const lessees = [{ lessee, holdMs: 0, returned: [], isClosed: false, ...changes }];
    return promised<BudgetSyncReply>((callback) => client.sync({ gatewayId: 'g', sinceVersion: 0, lessees }, callback));
  };
  const leasedOf = async (id: string): Promise<number | undefined> => {
    const { accounts } = await promised<ListBudgetsReply>((callback) =>
      client.listBudgets({ tenantId: 'acme' }, callback),
    );
    return accounts.find(({ budgetId }) => budgetId === id)?.leasedNanoUsd;
  };
  const counted = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values;

  it('puts budgets with what they do where nothing is said, and tells gateways at once', async () => {
    const budget = await put({ scope: 'team', scopeId: 'search' });
    expect(budget).toMatchObject({ onExceeded: 'block', onUnreachable: 'open', tenantId: 'acme', isRemoved: false });
    await waitFor(() => said.some(({ version }) => version === budget.version));
    const removed = await promised<Budget>((callback) =>
      client.removeBudget({ id: budget.id, tenantId: '' }, callback),
    );
    expect(removed).toMatchObject({ id: budget.id, isRemoved: true });
    await waitFor(() => said.some(({ version }) => version === removed.version));
    const again = promised((callback) => client.removeBudget({ id: budget.id, tenantId: '' }, callback));
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    [{ tenantId: '' }, 'tenant_id'],
    [{ scope: 'planet' }, 'org, team, user, key, feature'],
    [{ scopeId: 'x' }, 'scope_id must be empty'],
    [{ scope: 'user' }, 'scope_id must name the user'],
    [{ scope: 'user', scopeId: 'a\u0000b' }, 'control characters'],
    [{ period: 'year' }, 'day, week, month'],
    [{ limitNanoUsd: -1 }, 'limit_nano_usd'],
    [{ softLimitNanoUsd: 1_001 }, 'soft_limit_nano_usd'],
    [{ onExceeded: 'explode' }, 'on_exceeded'],
    [{ onUnreachable: 'maybe' }, 'on_unreachable'],
  ] as [Partial<Budget>, string][])('refuses %j and says what would be right', async (changes, words) => {
    const refused = put(changes);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(refused).rejects.toThrow(words);
  });

  it('refuses leases that name nobody or no moment', async () => {
    await expect(lease('', 'b', 1)).rejects.toThrow('lessee');
    await expect(lease('g#1', 'b', -1)).rejects.toThrow('need_nano_usd');
    await expect(lease('g#1', 'b', 1, -5)).rejects.toThrow('period_start_ms');
    await expect(sync('g#1', { holdMs: -1 })).rejects.toThrow('hold_ms');
    const list = promised((callback) => client.listBudgets({ tenantId: 'a\u0000' }, callback));
    await expect(list).rejects.toThrow('tenant_id');
  });

  it('leases, tells holders that others need it, and counts what it said', async () => {
    const { id } = await put({ period: 'day' });
    expect((await lease('g1#1', id, 900)).grants).toMatchObject([{ state: 'granted', grantedNanoUsd: 900 }]);
    expect((await lease('g2#1', id, 200)).grants).toMatchObject([{ state: 'contended' }]);
    await waitFor(() => said.some(({ wanted }) => wanted?.[0]?.budgetId === id));
    expect(await counted('costlane_budget_grants_total')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ labels: expect.objectContaining({ state: 'contended' }), value: 1 }),
      ]),
    );
  });

  it('releases a closed lessee when all that is older is on record, and not while the ledger is behind', async () => {
    const { id } = await put({ period: 'month' });
    const monthStart = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1);
    await lease('g9#1', id, 300, monthStart);
    await stream.publish(testRecord('req_late', { createdAtMs: Date.now(), budgetLessee: 'g9#1' }));
    await sync('g9#1', { isClosed: true });
    // Longer than the margin and two rounds: it would be gone by then.
    const closedAtMs = Date.now();
    await waitFor(() => Date.now() - closedAtMs > 4_000);
    expect(await leasedOf(id)).toBe(300);
    await stream.redis.del(stream.names.completions);
    await waitFor(async () => (await leasedOf(id)) === 0, { timeoutMs: 10_000 });
    expect((await sync('g9#1')).unknownLessees).toEqual(['g9#1']);
  }, 20_000);

  it('reserves for batches, closes them, and does not take their names twice', async () => {
    const { id } = await put({ tenantId: 'globex' });
    const who = { tenantId: 'globex', teamId: '', userId: '', keyId: '', featureName: '', createdAtMs: Date.now() };
    const reserve = (lessee: string, amountNanoUsd: number, holdUntilMs = Date.now() + 60_000) =>
      promised<ReserveReply>((callback) =>
        client.reserve({ lessee, holdUntilMs, items: [{ ...who, amountNanoUsd }] }, callback),
      );
    expect(await reserve('batch:1', 2_000)).toMatchObject({ isReserved: false, budgetId: id, remainingNanoUsd: 1_000 });
    expect(await reserve('batch:1', 600)).toMatchObject({ isReserved: true });
    await expect(reserve('batch:2', 1, Date.now() - 1)).rejects.toThrow('hold_until_ms');
    await promised((callback) => client.closeLessees({ lessees: ['batch:1'] }, callback));
    await expect(reserve('batch:1', 600)).rejects.toThrow('closed before');
  });
});
