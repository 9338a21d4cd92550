import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger, createMetrics } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { createControlCopy } from './control-copy';
import { createControlFollower, type ControlFollower } from './control-follower';
import { createMemoryControl, experimentBody } from './testing/documents';

const logger = createLogger({ service: 'test', level: 'silent' });
const running: ControlFollower[] = [];
let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'control-'))));
afterEach(() => {
  for (const follower of running.splice(0)) follower.stop();
  rmSync(folder, { recursive: true, force: true });
});

function setUp(store = createMemoryControl()) {
  const metrics = createMetrics({ service: 'test' });
  const source = { changed: store.changed, close: () => undefined };
  const follower = createControlFollower({ source, copy: createControlCopy(folder), logger, metrics, intervalMs: 5 });
  running.push(follower);
  const changes = jest.fn();
  follower.onChange(changes);
  const tenants = () => follower.documents()?.tenants.map(({ tenantId, dataPolicy }) => `${tenantId}:${dataPolicy}`);
  return { store, follower, changes, tenants, metrics };
}

const copyFile = () => path.join(folder, 'router', 'control.json');
const metric = async (metrics: ReturnType<typeof setUp>['metrics'], line: string): Promise<number> =>
  Number(new RegExp(`^${line}[^ ]* (\\S+)$`, 'm').exec(await metrics.registry.metrics())?.[1] ?? NaN);

describe('control follower', () => {
  it('knows no documents before it has read them, and none are documents too', async () => {
    const { follower, store, changes } = setUp();
    expect(follower.documents()).toBeUndefined();
    expect(follower.health()).toMatchObject({ ok: false });
    store.setAway(true);
    await follower.start();
    expect(follower.documents()).toBeUndefined();
    store.setAway(false);
    await waitFor(() => follower.documents() !== undefined);
    expect(follower.documents()).toEqual({ tenants: [], experiments: [] });
    expect(follower.health()).toEqual({ ok: true, detail: '0 documents' });
    expect(changes).toHaveBeenCalledTimes(1);
  });

  it('reads all pages, follows changes, and tells of each once', async () => {
    const { follower, store, changes, tenants } = setUp();
    for (let at = 0; at < 5; at++) store.put('tenant-policy', `t${at}`, { dataPolicy: 'block' });
    await follower.start();
    expect(tenants()).toHaveLength(5);
    expect(changes).toHaveBeenCalledTimes(1);
    store.put('tenant-policy', 't1', { dataPolicy: 'redact' });
    store.put('experiment', 'e1', experimentBody);
    store.remove('tenant-policy', 't0');
    await waitFor(() => follower.documents()?.experiments.length === 1 && tenants()?.length === 4);
    expect(tenants()).toContain('t1:redact');
    const reads = store.asked.length;
    const told = changes.mock.calls.length;
    await waitFor(() => store.asked.length > reads + 3);
    expect(changes).toHaveBeenCalledTimes(told);
  });

  it('goes on with what it has while the store is away, and says so when that lasts', async () => {
    const { follower, store, tenants, metrics } = setUp();
    store.put('tenant-policy', 'acme', { dataPolicy: 'block' });
    await follower.start();
    store.setAway(true);
    await waitFor(() => !follower.health().ok);
    expect(tenants()).toEqual(['acme:block']);
    expect(await metric(metrics, 'costlane_control_read_failures_total')).toBeGreaterThan(0);
    expect(await metric(metrics, 'costlane_fallback_total\\{kind="control_copy"')).toBeNaN();
    store.setAway(false);
    await waitFor(() => follower.health().ok);
  });

  it('starts with the copy of its life before where the store is away, counted, and then reads all anew', async () => {
    const before = setUp();
    before.store.put('tenant-policy', 'acme', { dataPolicy: 'block' });
    await before.follower.start();
    await waitFor(
      () => readdirSync(folder).length > 0 && readdirSync(path.dirname(copyFile())).includes('control.json'),
    );
    before.follower.stop();
    expect(statSync(copyFile()).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(copyFile()))).toEqual(['control.json']);

    // Another store in its place, of a version below: what the copy says must not be mixed with it.
    const store = createMemoryControl();
    store.put('tenant-policy', 'globex', { dataPolicy: 'redact' });
    store.setAway(true);
    const after = setUp(store);
    await after.follower.start();
    expect(after.tenants()).toEqual(['acme:block']);
    expect(after.follower.health()).toEqual({ ok: false, detail: 'going on with a copy from disk' });
    expect(await metric(after.metrics, 'costlane_fallback_total\\{kind="control_copy"')).toBe(1);
    store.setAway(false);
    await waitFor(() => after.follower.health().ok);
    expect(after.tenants()).toEqual(['globex:redact']);
    await waitFor(() => readFileSync(copyFile(), 'utf8').includes('globex'));
  });

  it('takes a copy that is broken for none', async () => {
    await createControlCopy(folder).write({ version: 1, live: new Map() });
    writeFileSync(copyFile(), '{"v":1,"version":3,"documents":[{');
    const { follower, store } = setUp();
    store.setAway(true);
    await follower.start();
    expect(follower.documents()).toBeUndefined();
  });

  it('works where the disk takes no copy', async () => {
    writeFileSync(path.join(folder, 'router'), 'a file where the folder would be');
    const { follower, store, tenants } = setUp();
    store.put('tenant-policy', 'acme', { dataPolicy: 'block' });
    await follower.start();
    expect(tenants()).toEqual(['acme:block']);
  });

  it('reads all again from a store that was set back', async () => {
    const { follower, store, tenants } = setUp();
    for (let at = 0; at < 3; at++) store.put('tenant-policy', `t${at}`, { dataPolicy: 'block' });
    await follower.start();
    store.reset();
    store.put('tenant-policy', 'acme', { dataPolicy: 'allow' });
    await waitFor(() => tenants()?.join() === 'acme:allow');
  });

  it('leaves out what cannot be read, counts it once, and keeps the rest', async () => {
    const { follower, store, metrics } = setUp();
    store.putRaw('tenant-policy', 'broken', '{');
    store.put('experiment', 'half', { variants: [] });
    store.put('of-a-later-version', 'x', {});
    store.put('tenant-policy', 'acme', { dataPolicy: 'block', costWeight: 'much' });
    await follower.start();
    expect(follower.documents()).toEqual({ tenants: [{ tenantId: 'acme', dataPolicy: 'block' }], experiments: [] });
    store.put('tenant-policy', 'globex', {});
    await waitFor(() => follower.documents()?.tenants.length === 2);
    expect(await metric(metrics, 'costlane_control_malformed_total')).toBe(4);
    expect(await metric(metrics, 'costlane_control_flaws')).toBe(4);
  });
});
