import { credentials, type ServiceError } from '@grpc/grpc-js';
import { BooksServiceClient, BooksServiceService, type BooksReply } from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { HealthRegistry, startGrpcServer } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { describeWithServers, quiet, testRecord } from '../testing/test-stream';
import { createBooksRpc } from './books.rpc';

const correction = {
  tenantId: 'acme',
  day: '2026-11-21',
  amountNanoUsd: '-5',
  reference: 'invoice 1',
  reason: 'rounding',
  by: 'finance',
};

describeWithServers('BooksService', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let server: Awaited<ReturnType<typeof startGrpcServer>>;
  let client: BooksServiceClient;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    await ledger.record([testRecord('req_1'), testRecord('req_2', { tenantId: 'globex' })]);
    const services = [{ definition: BooksServiceService, implementation: createBooksRpc({ ledger, logger: quiet }) }];
    const health = new HealthRegistry();
    server = await startGrpcServer({ host: '127.0.0.1', port: 0, logger: quiet, health, services });
    client = new BooksServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await ledger.close();
    await scratch.drop();
  });

  const ask = (call: (callback: (error: ServiceError | null, reply: BooksReply) => void) => unknown) =>
    new Promise<Record<string, unknown>>((resolve, reject) =>
      call((error, reply) => (error ? reject(error) : resolve(JSON.parse(reply.json) as Record<string, unknown>))),
    );
  const range = { tenantId: '', since: '', until: '' };

  it('checks the ledger, of all tenants or one', async () => {
    expect(await ask((done) => client.check(range, done))).toMatchObject({
      is_balanced: true,
      problems: [],
      requests: 2,
      paid_nano_usd: '1400',
      entered_nano_usd: '1400',
      entry_differences: { count: 0, listed: [] },
    });
    const one = await ask((done) => client.check({ ...range, tenantId: 'globex' }, done));
    expect(one).toMatchObject({ requests: 1, paid_nano_usd: '700' });
  });

  it('does not go through the ledger for many at once: each check takes a connection that records need', async () => {
    const asks = ['globex', 'acme', 'globex', ''].map((tenantId) =>
      ask((done) => client.check({ ...range, tenantId }, done)).then(
        () => 'checked',
        (error: ServiceError) => `${error.code}: ${error.details}`,
      ),
    );
    const refused = expect.stringMatching(/^8: Another check of a tenant/);
    expect(await Promise.all(asks)).toEqual(['checked', refused, refused, 'checked']);
    await ask((done) => client.check({ ...range, tenantId: 'acme' }, done));
  });

  it('corrects once, however often it is told', async () => {
    const first = await ask((done) => client.correct(correction, done));
    expect(first).toMatchObject({
      is_new: true,
      entry: { kind: 'correct', tenant_id: 'acme', amount_nano_usd: '-5', reference: 'invoice 1', made_by: 'finance' },
    });
    const again = await ask((done) => client.correct(correction, done));
    expect(again).toEqual({ is_new: false, entry: first['entry'] });
    expect(await ask((done) => client.check(range, done))).toMatchObject({ corrections: 1, corrected_nano_usd: '-5' });
  });

  it('lists entries of one tenant and no other', async () => {
    const asked = { ...range, tenantId: 'globex', kind: '', limit: 0, beforeId: '' };
    const { entries } = await ask((done) => client.listEntries(asked, done));
    expect(entries).toMatchObject([{ kind: 'settle', tenant_id: 'globex', requests: 1, request_id: 'req_2' }]);
  });

  it('refuses what it cannot read, naming the field', async () => {
    await expect(ask((done) => client.correct({ ...correction, day: 'today' }, done))).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining('day'),
    });
  });

  it('says that it does not answer what nobody has given it', async () => {
    await expect(ask((done) => client.rollup(range, done))).rejects.toMatchObject({ code: 14 });
  });
});
