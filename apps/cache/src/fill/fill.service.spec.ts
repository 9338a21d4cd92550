import { createMetrics } from '@costlane/platform';
import type { ExactFill } from '@costlane/response-store';
import { testCompletion, testFingerprint } from '../testing/test-completion';
import { createFillMetrics } from './fill-metrics';
import { createFillService } from './fill.service';

function service(fill: (fills: readonly ExactFill[]) => Promise<number>) {
  const registry = createMetrics({ service: 'test' });
  const metrics = createFillMetrics(registry);
  const now = () => 1_700_000_001_000;
  return { subject: createFillService({ store: { fill }, metrics, maxEntryBytes: 1_000, now }), metrics, registry };
}

describe('fill service', () => {
  it('stores a batch in one go and leaves out what may not be stored', async () => {
    const stored: string[] = [];
    const { subject, metrics } = service(async (fills) => {
      stored.push(...fills.map(({ fill }) => fill.fingerprint));
      return fills.length;
    });
    await subject.fill([
      testCompletion({ fingerprint: testFingerprint('a') }),
      testCompletion({ record: { httpStatus: 500 } }),
      testCompletion({ fingerprint: testFingerprint('b') }),
    ]);
    expect(stored).toEqual([testFingerprint('a'), testFingerprint('b')]);
    expect(metrics.totals()).toEqual({ filled: 2, skipped: 1, invalidated: 0 });
  });

  it('does not trouble the store for a batch without anything to store', async () => {
    const fill = jest.fn();
    const { subject, metrics } = service(fill);
    await subject.fill([testCompletion({ fill: undefined })]);
    expect(fill).not.toHaveBeenCalled();
    expect(metrics.totals().skipped).toBe(1);
  });

  it('counts what the store left out because it was invalidated meanwhile', async () => {
    const { subject, registry } = service(async () => 0);
    await subject.fill([testCompletion()]);
    const skips = await registry.registry.getSingleMetric('costlane_cache_fill_skips_total')?.get();
    expect(
      skips?.values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels['reason'], value]),
    ).toEqual([['invalidated', 1]]);
  });

  it('rejects when the store does, and counts nothing of that batch', async () => {
    const { subject, metrics } = service(() => Promise.reject(new Error('Redis is away')));
    await expect(subject.fill([testCompletion(), testCompletion({ fill: undefined })])).rejects.toThrow(
      'Redis is away',
    );
    expect(metrics.totals()).toEqual({ filled: 0, skipped: 0, invalidated: 0 });
  });
});
