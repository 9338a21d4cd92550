import type { MuxClient } from '@costlane/platform';
import type { AddressChange } from './worker-addresses';

/** The connections to the workers that are known. */
export interface WorkerClients {
  apply(change: AddressChange): void;
  /** Connected workers that may be given jobs. */
  usable(): MuxClient[];
  /** The same by address, as one map for as long as nothing changes. */
  usableByAddress(): ReadonlyMap<string, MuxClient>;
  /** All connected workers, those that are on their way out included. */
  connected(): MuxClient[];
  close(): void;
}

/**
 * A worker that is shut down leaves DNS before it has answered what it runs, and a broken DNS may forget workers that are well:
 * a connection that still stands gets no new jobs and this long to finish. Not shorter than a worker's drain.
 */
const RETIRE_AFTER_MS = 30_000;

/** One connection an address; those of addresses that are gone are closed, at once where there is nothing left to wait for. */
export function createWorkerClients(options: {
  connect: (address: string, onState: (isConnected: boolean) => void) => MuxClient;
  /** A connection broke. */
  onLost: () => void;
  retireAfterMs?: number;
}): WorkerClients {
  const { connect, onLost, retireAfterMs = RETIRE_AFTER_MS } = options;
  const clients = new Map<string, MuxClient>();
  const retiring = new Map<string, NodeJS.Timeout>();
  let byAddress: ReadonlyMap<string, MuxClient> | undefined;
  const changed = (): void => void (byAddress = undefined);

  const stay = (address: string): void => {
    clearTimeout(retiring.get(address));
    retiring.delete(address);
  };
  const remove = (address: string): void => {
    stay(address);
    clients.get(address)?.close();
    clients.delete(address);
    changed();
  };
  const add = (address: string): void => {
    stay(address);
    if (clients.has(address)) return;
    const client = connect(address, (isConnected) => {
      changed();
      if (isConnected) return;
      if (retiring.has(address)) remove(address);
      onLost();
    });
    clients.set(address, client);
  };
  const retire = (address: string): void => {
    if (clients.get(address)?.isConnected)
      retiring.set(address, setTimeout(() => remove(address), retireAfterMs).unref());
    else remove(address);
  };
  const connected = (): [string, MuxClient][] => [...clients].filter(([, client]) => client.isConnected);

  return {
    apply({ added, gone }) {
      added.forEach(add);
      gone.forEach(retire);
      changed();
    },
    usableByAddress() {
      byAddress ??= new Map(connected().filter(([address]) => !retiring.has(address)));
      return byAddress;
    },
    usable: () => connected().flatMap(([address, client]) => (retiring.has(address) ? [] : client)),
    connected: () => connected().map(([, client]) => client),
    close: () => [...clients.keys()].forEach(remove),
  };
}
