import { createLogger } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import {
  compareAddresses,
  namedHost,
  watchWorkerAddresses,
  type AddressChange,
  type WorkerAddresses,
} from './worker-addresses';

const logger = createLogger({ service: 'spec', level: 'silent' });
const NEVER_MS = 3_600_000;

describe('compareAddresses', () => {
  it('says what came and what went', () => {
    expect(compareAddresses(['a:1', 'b:1'], ['b:1', 'c:1', 'c:1'])).toEqual({ added: ['c:1'], gone: ['a:1'] });
    expect(compareAddresses(['a:1'], ['a:1'])).toEqual({ added: [], gone: [] });
  });
});

describe('namedHost', () => {
  it.each(['worker:50055', 'dns:worker:50055', 'dns:///worker:50055'])('takes %s apart', (address) => {
    expect(namedHost(address)).toEqual({ host: 'worker', port: '50055' });
  });

  it.each(['127.0.0.1:1', 'dns:///127.0.0.1:1', '[::1]:1', 'unix:/tmp/worker', 'dns://10.0.0.1/worker:1', 'worker'])(
    'leaves %s to gRPC',
    (address) => expect(namedHost(address)).toBeUndefined(),
  );
});

describe('watchWorkerAddresses', () => {
  let watch: WorkerAddresses | undefined;
  afterEach(() => watch?.close());

  const following = (addresses: string[], settings: { askIntervalMs?: number; askMinIntervalMs?: number } = {}) => {
    const zone = new Map<string, string[]>();
    const changes: AddressChange[] = [];
    const asked: string[] = [];
    const open = new Set<string>();
    const start = (): void => {
      watch = watchWorkerAddresses({
        addresses,
        logger,
        askIntervalMs: NEVER_MS,
        askMinIntervalMs: 0,
        ...settings,
        resolve: async (host) => {
          asked.push(host);
          const found = zone.get(host);
          if (!found) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
          return found;
        },
        onChange(change) {
          changes.push(change);
          change.added.forEach((address) => open.add(address));
          change.gone.forEach((address) => open.delete(address));
        },
      });
    };
    return { zone, changes, asked, start, open: () => [...open].sort() };
  };

  it('tells IP addresses at once and never looks them up', () => {
    const { asked, start, open } = following(['10.0.0.1:1', '[::1]:2']);
    start();
    watch?.refresh();
    expect(open()).toEqual(['10.0.0.1:1', '[::1]:2']);
    expect(asked).toEqual([]);
  });

  it('finds every worker behind a name, of either family, each once', async () => {
    const { zone, start, open } = following(['dns:///worker:5', 'worker:5', '10.0.0.1:5']);
    zone.set('worker', ['10.0.0.1', '10.0.0.2', 'fd00::1']);
    start();
    await waitFor(() => open().length === 3);
    expect(open()).toEqual(['10.0.0.1:5', '10.0.0.2:5', '[fd00::1]:5']);
  });

  it('asks again every so often and tells what has changed only', async () => {
    const { zone, changes, start } = following(['worker:5'], { askIntervalMs: 5 });
    zone.set('worker', ['10.0.0.1', '10.0.0.2']);
    start();
    await waitFor(() => changes.length === 1);
    zone.set('worker', ['10.0.0.2', '10.0.0.3']);
    await waitFor(() => changes.length === 2);
    expect(changes[1]).toEqual({ added: ['10.0.0.3:5'], gone: ['10.0.0.1:5'] });
  });

  it('keeps what it knows while the name cannot be looked up', async () => {
    const { zone, asked, start, open } = following(['worker:5', 'other:5'], { askIntervalMs: 5 });
    zone.set('worker', ['10.0.0.1']);
    start();
    await waitFor(() => open().length === 1);
    zone.delete('worker');
    zone.set('other', ['10.0.0.2']);
    await waitFor(() => open().length === 2);
    expect(open()).toEqual(['10.0.0.1:5', '10.0.0.2:5']);
    expect(asked.length).toBeGreaterThanOrEqual(4);
  });

  it('asks again soon after a lost connection, once for many', async () => {
    const { zone, asked, start, open } = following(['worker:5'], { askMinIntervalMs: 20 });
    zone.set('worker', ['10.0.0.1']);
    start();
    await waitFor(() => open().length === 1);
    zone.set('worker', ['10.0.0.2']);
    for (let lost = 0; lost < 10; lost++) watch?.refresh();
    await waitFor(() => open().includes('10.0.0.2:5'));
    expect(asked.length).toBe(2);
  });

  it('asks once more when a connection is lost during a lookup', async () => {
    const { zone, asked, start } = following(['worker:5']);
    zone.set('worker', ['10.0.0.1']);
    start();
    watch?.refresh();
    await waitFor(() => asked.length === 2);
  });

  it('tells nothing any more when it is closed during a lookup', async () => {
    const { zone, changes, start } = following(['worker:5']);
    zone.set('worker', ['10.0.0.1']);
    start();
    watch?.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(changes).toEqual([]);
  });
});
