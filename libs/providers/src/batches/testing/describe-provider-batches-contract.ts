import { startMockLlm, type BatchBehaviour, type MockLlm } from '@costlane/testing';
import type {
  BatchItem,
  BatchItemResult,
  LostBatch,
  ProviderBatches,
  ResultOptions,
  SubmitOutcome,
} from '../provider-batches';
import type { BatchesUnderTest, BatchTools } from './batches-under-test';
import { describeBatchResults } from './describe-batch-results';
import { describeBatchSubmission } from './describe-batch-submission';

/** What every Batch API has to do. For specs only. */
export function describeProviderBatchesContract(name: string, under: BatchesUnderTest): void {
  describe(`${name}: batches contract`, () => {
    let mock: MockLlm;
    let batches: ProviderBatches;

    beforeEach(async () => {
      mock = await startMockLlm();
      batches = under.create(mock.url);
    });
    afterEach(async () => {
      await batches.close();
      await mock.close();
    });

    const items = (...contents: string[]): BatchItem[] =>
      contents.map((content, index) => ({
        customId: `item-${index}`,
        dialect: under.dialect,
        body: under.body(content),
      }));
    const behave = (behaviour: BatchBehaviour): void => mock.state.batches.setBehaviour(behaviour);
    const submit = (of: Iterable<BatchItem> | AsyncIterable<BatchItem>, more = {}): Promise<SubmitOutcome> =>
      batches.submit(of, { batchKey: 'key-1', deadlineAtMs: Date.now() + 5_000, ...more });
    const submitted = async (...contents: string[]): Promise<string> => {
      const outcome = await submit(items(...contents));
      if (!outcome.ok) throw outcome.error;
      return outcome.providerBatchId;
    };
    const resultsOf = async (id: string, more: Partial<ResultOptions> = {}): Promise<BatchItemResult[]> => {
      const found: BatchItemResult[] = [];
      for await (const result of batches.results(id, { dialect: under.dialect, ...more })) found.push(result);
      return found.sort((a, b) => a.customId.localeCompare(b.customId));
    };
    const made = (): number => mock.state.batches.list(under.provider).length;
    const lost = (more: Partial<LostBatch> = {}): LostBatch => ({
      batchKey: 'key-1',
      startedAtMs: Date.now() - 1_000,
      endedAtMs: Date.now(),
      itemCount: 2,
      hasItem: (customId) => customId.startsWith('item-'),
      ...more,
    });
    const tools: BatchTools = {
      under,
      mock: () => mock,
      batches: () => batches,
      items,
      behave,
      submit,
      submitted,
      resultsOf,
      made,
      lost,
    };

    describeBatchResults(tools);
    describeBatchSubmission(tools);
  });
}
