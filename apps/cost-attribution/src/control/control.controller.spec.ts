import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  ControlPutMode,
  ControlServiceClient,
  ControlServiceService,
  PutControlRequest,
  type ChangedControlReply,
  type ControlDocument,
  type GetControlReply,
  type ListControlReply,
} from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { createLogger, fromGrpcError, HealthRegistry, startGrpcServer, type GrpcServer } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { createControlController } from './control.controller';

type Callback<T> = (error: ServiceError | null, reply: T) => void;
const promised = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, reply) => (error ? reject(fromGrpcError(error)) : resolve(reply))));

const logger = createLogger({ service: 'test', level: 'silent' });
const serverUrl = databaseUrlForTests();

(serverUrl ? describe : describe.skip)('control service', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let server: GrpcServer;
  let client: ControlServiceClient;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(serverUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger });
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger,
      health: new HealthRegistry(),
      services: [
        { definition: ControlServiceService, implementation: createControlController(ledger.control, logger) },
      ],
    });
    client = new ControlServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await ledger.close();
    await scratch.drop();
  });

  const put = (changes: Partial<PutControlRequest>) =>
    promised<ControlDocument>((callback) =>
      client.put(PutControlRequest.create({ kind: 'experiment', json: '{}', ...changes }), callback),
    );
  const changed = (sinceVersion: number) =>
    promised<ChangedControlReply>((callback) => client.changed({ sinceVersion }, callback));

  it('puts, merges, shows, lists and removes documents, and tells who follows', async () => {
    const kind = 'tenant-policy';
    const mode = ControlPutMode.CONTROL_PUT_MODE_MERGE;
    const first = await put({ kind, id: 'acme', json: '{"costWeight":0.5}', mode });
    const merged = await put({ kind, id: 'acme', json: '{"costWeight":null,"strategy":"balanced"}', mode });
    expect([JSON.parse(merged.json), merged.version]).toEqual([{ strategy: 'balanced' }, first.version + 1]);
    const got = await promised<GetControlReply>((callback) => client.get({ kind, id: 'acme' }, callback));
    expect(got.document).toEqual(merged);
    const removed = await promised<ControlDocument>((callback) => client.remove({ kind, id: 'acme' }, callback));
    const listed = await promised<ListControlReply>((callback) => client.list({ kind, withDeleted: false }, callback));
    expect(listed.documents).toEqual([]);
    expect(await changed(first.version)).toEqual({ documents: [removed], latestVersion: removed.version });
    expect(await changed(removed.version)).toEqual({ documents: [], latestVersion: removed.version });
    expect(await changed(removed.version + 9)).toEqual({ documents: [], latestVersion: removed.version });
    const none = await promised<GetControlReply>((callback) => client.get({ kind, id: 'never' }, callback));
    expect(none.document).toBeUndefined();
  });

  it('says what is in the way of a new one', async () => {
    const mode = ControlPutMode.CONTROL_PUT_MODE_CREATE;
    await put({ id: 'e1', mode, maxLive: 1 });
    await expect(put({ id: 'e1', mode })).rejects.toMatchObject({ code: 'invalid_request', field: 'id' });
    await expect(put({ id: 'e2', mode, maxLive: 1 })).rejects.toThrow(/There are 1 of this kind/);
    const remove = promised<ControlDocument>((callback) => client.remove({ kind: 'experiment', id: 'e9' }, callback));
    await expect(remove).rejects.toMatchObject({ code: 'not_found', field: 'id' });
  });

  it('tells many changes a page at a time', async () => {
    const before = (await changed(0)).latestVersion;
    for (let at = 0; at < 210; at++) await put({ id: `many-${at}` });
    let since = before;
    const ids = new Set<string>();
    for (;;) {
      const { documents, latestVersion } = await changed(since);
      for (const { id } of documents) ids.add(id);
      if (documents.length === 0) break;
      since = latestVersion;
    }
    expect(ids.size).toBe(210);
  });
});
