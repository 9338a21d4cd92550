import type { MuxClient } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { createWorkerClients, type WorkerClients } from './worker-clients';

/** A connection whose state the spec sets. */
class FakeClient implements MuxClient {
  isConnected = false;
  isClosed = false;
  readonly openCalls = 0;
  constructor(
    readonly address: string,
    private readonly onState: (isConnected: boolean) => void,
  ) {}
  set(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.onState(isConnected);
  }
  call = () => Promise.resolve(Buffer.alloc(0));
  open = () => ({ cancel: () => undefined });
  ready = () => Promise.resolve();
  close(): void {
    this.isConnected = false;
    this.isClosed = true;
  }
}

describe('createWorkerClients', () => {
  let clients: WorkerClients;
  let made: FakeClient[];
  let lost = 0;
  const start = (retireAfterMs?: number): void => {
    made = [];
    lost = 0;
    clients = createWorkerClients({
      retireAfterMs,
      onLost: () => void lost++,
      connect(address, onState) {
        const client = new FakeClient(address, onState);
        made.push(client);
        return client;
      },
    });
  };
  afterEach(() => clients.close());
  const client = (index: number): FakeClient => made[index] as FakeClient;
  const addressesOf = (list: MuxClient[]): string[] => (list as FakeClient[]).map(({ address }) => address);

  it('opens one connection an address and uses those that are up', () => {
    start();
    clients.apply({ added: ['a', 'b'], gone: [] });
    client(1).set(true);
    expect(addressesOf(clients.usable())).toEqual(['b']);
    client(1).set(false);
    expect([clients.usable().length, lost]).toEqual([0, 1]);
    expect(client(1).isClosed).toBe(false);
  });

  it('closes at once what is gone and not connected', () => {
    start();
    clients.apply({ added: ['a'], gone: [] });
    clients.apply({ added: [], gone: ['a'] });
    expect(client(0).isClosed).toBe(true);
  });

  it('gives a worker that is gone but connected no new job, and closes it when its connection ends', () => {
    start();
    clients.apply({ added: ['a', 'b'], gone: [] });
    made.forEach((each) => each.set(true));
    clients.apply({ added: [], gone: ['a'] });
    expect(addressesOf(clients.usable())).toEqual(['b']);
    expect(addressesOf(clients.connected())).toEqual(['a', 'b']);
    client(0).set(false);
    expect(client(0).isClosed).toBe(true);
    expect(client(1).isClosed).toBe(false);
  });

  it('closes a worker that is gone after a time even though it is connected', async () => {
    start(5);
    clients.apply({ added: ['a'], gone: [] });
    client(0).set(true);
    clients.apply({ added: [], gone: ['a'] });
    await waitFor(() => client(0).isClosed);
  });

  it('goes on with the same connection when the address is back', () => {
    start();
    clients.apply({ added: ['a'], gone: [] });
    client(0).set(true);
    clients.apply({ added: [], gone: ['a'] });
    clients.apply({ added: ['a'], gone: [] });
    expect(addressesOf(clients.usable())).toEqual(['a']);
    expect(made.length).toBe(1);
  });

  it('closes all when it is closed', () => {
    start();
    clients.apply({ added: ['a', 'b'], gone: [] });
    clients.close();
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });
});
