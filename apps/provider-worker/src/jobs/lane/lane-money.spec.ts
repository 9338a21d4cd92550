import { createMetrics } from '@costlane/platform';
import { createProviderRegistry } from '@costlane/providers';
import { databaseUrlForTests, sampleJob } from '@costlane/testing';
import type { Confidence } from '../../confidence/create-confidence';
import { samplePrice } from '../../testing/fakes';
import { runJob } from '../../work/run-job';
import { logger, ORDINARY_NANO_USD, startLaneBench, underTest, type LaneBench } from '../testing/lane-bench';

const strong = { model: 'strong', provider: 'mock', upstreamModel: 'strong' };
/** A price whose halves are no whole nano-dollars a token. */
const oddPrice = { ...samplePrice, perMillion: { freshInput: '0.075', cacheRead: '0.0075', output: '0.333' } };

(databaseUrlForTests() ? describe : describe.skip).each(underTest)(
  'money of items at the Batch API of $provider',
  (under) => {
    let bench: LaneBench;
    beforeAll(async () => {
      bench = await startLaneBench(under);
    });
    afterEach(() => bench.reset());
    afterAll(() => bench?.end());

    async function ordinary(content: string) {
      const isMock = under.provider === 'mock';
      const [kind, baseUrl] = isMock
        ? (['openai-compatible', `${bench.mock.url}/v1`] as const)
        : (['anthropic', bench.mock.url] as const);
      const metrics = createMetrics({ service: 'spec' });
      const registry = createProviderRegistry([{ name: under.provider, kind, baseUrl }], { logger, metrics });
      const adapter = registry.get(under.provider);
      const { model, dialect, provider } = under;
      const messages = [{ role: 'user', content }];
      const body = Buffer.from(JSON.stringify({ model, messages, ...(isMock ? {} : { max_tokens: 100 }) }));
      const finished = await runJob(sampleJob({ provider, dialect, model, upstreamModel: model }, { body }), {
        attempt: 'a1',
        adapter,
        price: samplePrice,
        signal: new AbortController().signal,
        emit: () => true,
        onResume: () => undefined,
        now: Date.now,
      });
      await adapter?.close();
      return finished.record;
    }

    it('an item costs half of what it costs by the ordinary road, to the nano-dollar', async () => {
      const content = 'How long is the river that flows through the city of my birth?';
      const ref = await bench.newJob([{ content }]);
      await bench.runToEnd(bench.runner(bench.lane()), ref);
      const [byBatch] = bench.records(ref);
      const byItself = await ordinary(content);
      expect(byItself.paidNanoUsd).toBeGreaterThan(0);
      expect(byBatch?.usage).toEqual(byItself.usage);
      expect(byBatch?.baselineNanoUsd).toBe(byItself.baselineNanoUsd);
      expect((byBatch?.paidNanoUsd ?? 0) * 2).toBe(byItself.paidNanoUsd);
      expect(byBatch?.priceVersion).toBe(byItself.priceVersion);
    });

    it('where a half is no whole nano-dollar, and the model is not the caller’s own, savings add up all the same', async () => {
      const ref = await bench.newJob([
        { content: 'one', header: { baselineModel: 'expensive' } },
        { content: 'two, and some more words', header: { baselineModel: 'expensive' } },
      ]);
      const priceOf = (model: string) => (model === 'expensive' ? samplePrice : oddPrice);
      await bench.runToEnd(bench.runner(bench.lane({ priceOf })), ref);
      for (const { baselineNanoUsd, paidNanoUsd, savings } of bench.records(ref)) {
        expect(savings.routing).toBeGreaterThan(0);
        expect(savings.batching).toBeGreaterThan(0);
        expect(baselineNanoUsd - paidNanoUsd).toBe(savings.routing + savings.prefix + savings.batching + savings.cache);
      }
    });

    it('those that ask the same as another one of the job pay nothing and are on record as having saved it', async () => {
      const ref = await bench.newJob([
        { content: 'twin', fingerprint: 'f' },
        { content: 'other' },
        { content: 'twin', fingerprint: 'f' },
      ]);
      const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
      expect(job).toMatchObject({ counts: { succeeded: 3 }, duplicates: 1 });
      const [leader, follower] = ['-0', '-2'].map((end) =>
        bench.records(ref).find(({ requestId }) => requestId === `${ref.jobId}${end}`),
      );
      expect(follower).toMatchObject({ cacheTier: 'coalesced', paidNanoUsd: 0, usage: leader?.usage });
      expect(follower?.baselineNanoUsd).toBe(leader?.baselineNanoUsd);
      expect(follower?.savings).toEqual({ cache: leader?.baselineNanoUsd, routing: 0, prefix: 0, batching: 0 });
    });

    it('of a model whose price knows no batches it is not asked by batch', async () => {
      const ref = await bench.newJob([{ content: 'one' }]);
      const priceOf = () => ({ ...samplePrice, batchDiscount: undefined });
      await bench.runToEnd(bench.runner(bench.lane({ priceOf })), ref);
      expect(await bench.resultsOf(ref)).toEqual(['direct one']);
    });

    it('without prices nothing is put on record, and nothing is lost: it is done when there are some', async () => {
      const ref = await bench.newJob([{ content: 'one' }]);
      let isThere = true;
      const priceOf = () => {
        if (!isThere) throw new Error('no policy');
        return samplePrice;
      };
      const runner = bench.runner(bench.lane({ priceOf }));
      await runner.runTurn(ref);
      isThere = false;
      await bench.makeDue(ref);
      await runner.runTurn(ref);
      expect([bench.finished, bench.asked.filter(({ mode }) => mode === 'render')]).toEqual([[], []]);
      isThere = true;
      await bench.makeDue(ref);
      await bench.runToEnd(runner, ref);
      expect(bench.records(ref)).toHaveLength(1);
    });

    if (under.dialect !== 'openai.chat') return;

    const confidence = (mayStepUp: boolean): Confidence => ({
      earn: () => undefined,
      assess: () => 'refusal',
      mayStepUp: () => mayStepUp,
      gate: () => {
        throw new Error('no stream');
      },
    });
    const doubtful = { confidence: { minTokenProbability: 0.5 }, fallbacks: [strong] };

    it('a doubtful answer that a stronger model is asked instead of is paid and on record, at routing’s cost', async () => {
      const ref = await bench.newJob([{ content: 'one', header: doubtful }]);
      await bench.runToEnd(bench.runner(bench.lane({ confidence: confidence(true) })), ref);
      expect(await bench.resultsOf(ref)).toEqual(['direct one']);
      const [record] = bench.records(ref);
      const paid = record?.paidNanoUsd ?? 0;
      expect(paid).toBeGreaterThan(0);
      expect(record).toMatchObject({ requestId: `${ref.jobId}-0-doubted`, baselineNanoUsd: 0 });
      expect(record?.savings).toEqual({ cache: 0, routing: -paid, prefix: 0, batching: 0 });
      expect(await bench.store.get(ref)).toMatchObject({ costNanoUsd: paid + ORDINARY_NANO_USD });
      expect(bench.finished[0]?.fill).toBeUndefined();
    });

    it('a doubtful answer is given where no other may be asked, and is not stored', async () => {
      const ref = await bench.newJob([{ content: 'one', header: doubtful }]);
      await bench.runToEnd(bench.runner(bench.lane({ confidence: confidence(false) })), ref);
      expect(await bench.resultsOf(ref)).toEqual(['batch one (with a body)']);
      expect(bench.finished.map(({ fill }) => fill)).toEqual([undefined]);
    });

    it('what one model could not answer is left to the models that stand behind it', async () => {
      const ref = await bench.newJob([{ content: '[[mock: status=400]]', header: { fallbacks: [strong] } }]);
      await bench.runToEnd(bench.runner(bench.lane()), ref);
      expect((await bench.resultsOf(ref))[0]).toMatch(/^direct/);
      expect(bench.records(ref)).toEqual([]);
    });
  },
);
