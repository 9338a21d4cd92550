import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelPrice } from '@costlane/domain';
import { createPriceCatalog } from '../price-catalog';
import type { PriceDiff, PriceProposal } from './diff-price-list';
import { createFileStore } from './file-store';
import { emptyStagedState, openStagedPrices, type StagedPricesStore, type StagedState } from './staged-prices';

const folder = mkdtempSync(path.join(tmpdir(), 'costlane-staged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let nowMs = Date.parse('2026-12-01T00:00:00Z');
const now = () => nowMs;
const about = { source: 'https://list', refused: [] };

function proposal(id: string, isAutomatic = false, model = id): PriceProposal {
  const proposed: ModelPrice = {
    provider: 'openai',
    model,
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: `list.${id}`,
    perMillion: { freshInput: '1', output: '4' },
  };
  return {
    id,
    kind: 'changed',
    provider: 'openai',
    model,
    isAutomatic,
    largestChange: 0.1,
    current: null,
    proposed,
    notes: [],
  };
}

const diffOf = (...proposals: PriceProposal[]): PriceDiff => ({
  unchanged: 7,
  proposals,
  vanished: ['openai/gone'],
  notCompared: [],
});

function memoryStore(): StagedPricesStore & { state: StagedState; writes: number; fails: boolean } {
  const store = {
    state: emptyStagedState,
    writes: 0,
    fails: false,
    read: () => Promise.resolve(store.state),
    write(next: StagedState): Promise<void> {
      if (store.fails) return Promise.reject(new Error('disk full'));
      store.writes++;
      store.state = next;
      return Promise.resolve();
    },
  };
  return store;
}

async function open(store = memoryStore()) {
  const told: string[][] = [];
  const staged = await openStagedPrices({
    store,
    now,
    onApplied: (applied) => told.push(applied.map(({ priceVersion, validFrom }) => `${priceVersion}@${validFrom}`)),
  });
  return { staged, store, told };
}

const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

describe('staged prices', () => {
  it('lets small changes hold from now on, and the others wait', async () => {
    const { staged, told } = await open();
    const report = await staged.propose(diffOf(proposal('small', true), proposal('large')), about);
    expect(report).toEqual({
      at: '2026-12-01T00:00:00.000Z',
      source: 'https://list',
      unchanged: 7,
      applied: ['small'],
      waiting: 1,
      refused: [],
      vanished: ['openai/gone'],
    });
    expect(ids(staged.list())).toEqual(['large']);
    expect(told).toEqual([['list.small@2026-12-01T00:00:00.000Z']]);
    expect(staged.lastRefresh()).toEqual(report);
  });

  it('takes an approved one over from that moment on, after those before', async () => {
    const { staged, told } = await open();
    await staged.propose(diffOf(proposal('small', true), proposal('large')), about);
    nowMs += 60_000;
    expect(await staged.approve('large')).toMatchObject({ validFrom: '2026-12-01T00:01:00.000Z', validTo: null });
    expect(staged.list()).toEqual([]);
    expect(told.at(-1)).toEqual(['list.small@2026-12-01T00:00:00.000Z', 'list.large@2026-12-01T00:01:00.000Z']);
    await expect(staged.approve('large')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does not stage what was rejected, however often the list says it', async () => {
    const { staged, told } = await open();
    await staged.propose(diffOf(proposal('a'), proposal('b', true)), about);
    await staged.reject('a');
    expect((await staged.propose(diffOf(proposal('a'), proposal('c')), about)).waiting).toBe(1);
    expect(ids(staged.list())).toEqual(['c']);
    await expect(staged.reject('a')).rejects.toMatchObject({ code: 'not_found' });
    expect(told).toHaveLength(1);
  });

  it('lets a price change by itself once a week at the most', async () => {
    const { staged } = await open();
    await staged.propose(diffOf(proposal('first', true, 'gpt-x')), about);
    nowMs += 6 * 86_400_000;
    expect(await staged.propose(diffOf(proposal('second', true, 'gpt-x')), about)).toMatchObject({
      applied: [],
      waiting: 1,
    });
    expect(staged.list()[0]?.notes.join()).toMatch(/changed on 2026-12-\d\d already/);
    nowMs += 86_400_000;
    expect(await staged.propose(diffOf(proposal('second', true, 'gpt-x')), about)).toMatchObject({
      applied: ['second'],
    });
  });

  it('remembers since when something waits, and drops what the list no longer says', async () => {
    const { staged } = await open();
    await staged.propose(diffOf(proposal('a'), proposal('b')), about);
    const since = staged.list()[0]?.stagedAt;
    nowMs += 86_400_000;
    await staged.propose(diffOf(proposal('a'), proposal('c')), about);
    expect(staged.list().map(({ id, stagedAt }) => [id, stagedAt === since])).toEqual([
      ['a', true],
      ['c', false],
    ]);
  });

  it('changes nothing that could not be written', async () => {
    const store = memoryStore();
    const { staged, told } = await open(store);
    await staged.propose(diffOf(proposal('a')), about);
    store.fails = true;
    await expect(staged.approve('a')).rejects.toThrow('disk full');
    expect(ids(staged.list())).toEqual(['a']);
    expect(told).toEqual([]);
    store.fails = false;
    await staged.approve('a');
    expect(told).toHaveLength(1);
  });

  it('takes one approval of two that come at once', async () => {
    const { staged } = await open();
    await staged.propose(diffOf(proposal('a')), about);
    const outcomes = await Promise.allSettled([staged.approve('a'), staged.approve('a')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(staged.applied()).toHaveLength(1);
  });

  it('reprices nothing: a price that was taken over holds from its beginning, the old one before', async () => {
    const catalog = createPriceCatalog({ now });
    const staged = await openStagedPrices({ store: memoryStore(), now, onApplied: catalog.setUpdates });
    const before = nowMs - 1;
    await staged.propose(diffOf(proposal('x', true, 'gpt-4o-mini')), about);
    const priceAt = (at: number) => {
      const found = catalog.find({ provider: 'openai', model: 'gpt-4o-mini', at });
      return found.ok && found.value.price.perMillion.freshInput;
    };
    expect([priceAt(before), priceAt(nowMs)]).toEqual(['0.15', '1']);
    catalog.close();
  });
});

describe('the file of staged prices', () => {
  it('is there after a restart, whole, with nothing beside it', async () => {
    const place = path.join(folder, 'data', 'catalog');
    const first = await openStagedPrices({ store: createFileStore(place), now, onApplied: () => undefined });
    await first.propose(diffOf(proposal('a', true), proposal('b'), proposal('c')), about);
    await first.reject('c');
    const second = await openStagedPrices({ store: createFileStore(place), now, onApplied: () => undefined });
    expect([ids(second.list()), second.applied(), second.lastRefresh()]).toEqual([
      ['b'],
      first.applied(),
      first.lastRefresh(),
    ]);
    expect(readdirSync(place)).toEqual(['staged-prices.json']);
  });

  it('is left as it was when a write fails', async () => {
    const place = path.join(folder, 'failing');
    const store = createFileStore(place);
    await store.write(emptyStagedState);
    const text = readFileSync(path.join(place, 'staged-prices.json'), 'utf8');
    const circular: Record<string, unknown> = { ...emptyStagedState };
    circular['self'] = circular;
    await expect(store.write(circular as unknown as StagedState)).rejects.toThrow(/circular/i);
    expect(readFileSync(path.join(place, 'staged-prices.json'), 'utf8')).toBe(text);
    expect(readdirSync(place)).toEqual(['staged-prices.json']);
  });

  it.each(['{"version": 1, "staged"', '[]', '{"version": 2}', '{"version": 1, "staged": []}'])(
    'is refused when it holds %s: prices that were promised are not forgotten silently',
    async (text) => {
      writeFileSync(path.join(folder, 'staged-prices.json'), text);
      await expect(createFileStore(folder).read()).rejects.toThrow(/does not hold staged prices/);
    },
  );
});
