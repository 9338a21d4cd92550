import type { SubmittedItem } from '@costlane/ledger';
import type { BatchLane, LanePatience, LaneSubmit } from '../runner/batch-lane';
import type { ItemOutcome } from '../runner/item-outcome';

export const answerWith = (text: string, costNanoUsd: number): ItemOutcome => ({
  kind: 'succeeded',
  status: 200,
  result: Buffer.from(text),
  costNanoUsd,
});

/** A provider that takes batches and answers them when it is told to. */
export class FakeProvider implements BatchLane {
  readonly limits = () => ({ maxItems: 8, maxBytes: 1_000 });
  readonly pollMs = () => 5;
  readonly sendMs = 50;
  readonly placeConcurrency = 3;
  readonly batches = new Map<string, { group: string; indexes: number[] }>();
  readonly cancelled = new Set<string>();
  readonly doubled: string[] = [];
  isDone = true;
  /** Asked for its end, it ends. */
  endsWhenAsked = true;
  readonly left: string[] = [];
  /** What came with the items, by index. */
  readonly prepared = new Map<number, string | undefined>();
  patienceNow: LanePatience = 'wait';
  answers: (index: number) => ItemOutcome | undefined = (index) => answerWith(`batch ${index}`, 1);
  replies: (taken: string) => LaneSubmit = (providerBatchId) => ({ kind: 'submitted', providerBatchId });

  accepts = (): boolean => true;
  patience = (): LanePatience => this.patienceNow;
  readonly done: string[] = [];
  onDone = async (batchKey: string): Promise<void> => void this.done.push(batchKey);
  onLeft = ({ batchKey }: { batchKey: string }): void => void this.left.push(batchKey);
  placeOf: BatchLane['placeOf'] = async ({ index }) =>
    index % 10 === 9
      ? { kind: 'direct' }
      : {
          kind: 'batch',
          group: index % 2 === 0 ? 'even' : 'odd',
          sizeBytes: 10,
          prepared: Buffer.from(`plan ${index}`),
        };

  async submit({ batchKey, group }: { batchKey: string; group: string }, items: () => AsyncIterable<SubmittedItem>) {
    const indexes: number[] = [];
    for await (const { index, prepared } of items()) {
      indexes.push(index);
      this.prepared.set(index, prepared?.toString());
    }
    const reply = this.replies(`p-${batchKey}`);
    if (reply.kind === 'submitted' || reply.kind === 'unknown') {
      if (this.batches.has(`p-${batchKey}`)) this.doubled.push(batchKey);
      this.batches.set(`p-${batchKey}`, { group, indexes });
    }
    return reply;
  }

  async find({ batchKey }: { batchKey: string }) {
    const providerBatchId = `p-${batchKey}`;
    return this.batches.has(providerBatchId)
      ? ({ kind: 'found', providerBatchId } as const)
      : ({ kind: 'absent' } as const);
  }

  hasEnded = async ({ providerBatchId }: { providerBatchId: string }): Promise<boolean> =>
    this.isDone || (this.endsWhenAsked && this.cancelled.has(providerBatchId));

  async *results({ providerBatchId }: { providerBatchId: string }) {
    for (const index of [...(this.batches.get(providerBatchId)?.indexes ?? [])].reverse()) {
      const outcome = this.answers(index);
      if (outcome) yield { index, outcome };
    }
  }

  cancel = async ({ providerBatchId }: { providerBatchId: string }): Promise<void> =>
    void this.cancelled.add(providerBatchId);
}
