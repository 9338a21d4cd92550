import { nextId } from '../answer';
import type { BatchBehaviour } from './batch-behaviour';
import type { MockBatch } from './mock-batch';

const mostBatches = 1_000;
const mostFiles = 1_000;

export interface MockFile {
  id: string;
  name: string;
  createdAtMs: number;
  text: string;
}

/** The files and batches of the mock, and how those to come will go. The oldest are forgotten. */
export class BatchStore {
  private behaviour: BatchBehaviour = {};
  private readonly files = new Map<string, MockFile>();
  private readonly batches = new Map<string, MockBatch>();
  private readonly left = { failTimes: 0, loseAnswers: 0, dropRequests: 0, cutTimes: 0 };

  setBehaviour(behaviour: BatchBehaviour): void {
    this.behaviour = behaviour;
    this.left.failTimes = behaviour.status === undefined ? 0 : (behaviour.failTimes ?? 1);
    this.left.loseAnswers = behaviour.loseAnswers ?? 0;
    this.left.dropRequests = behaviour.dropRequests ?? 0;
    this.left.cutTimes = behaviour.cutAfterLines === undefined ? 0 : (behaviour.cutTimes ?? 1);
  }

  getBehaviour(): BatchBehaviour {
    return this.behaviour;
  }

  /** Whether the next thing is to go wrong in this way; counts it. */
  takes(what: keyof BatchStore['left']): boolean {
    if (this.left[what] <= 0) return false;
    this.left[what] -= 1;
    return true;
  }

  addFile(name: string, text: string): MockFile {
    const file = { id: nextId('file-', 1), name, createdAtMs: Date.now(), text };
    keep(this.files, file, mostFiles);
    return file;
  }

  file(id: string): MockFile | undefined {
    return this.files.get(id);
  }

  add(batch: MockBatch): void {
    keep(this.batches, batch, mostBatches);
  }

  batch(id: string, provider: MockBatch['provider']): MockBatch | undefined {
    const batch = this.batches.get(id);
    return batch?.provider === provider ? batch : undefined;
  }

  /** Newest first. */
  list(provider: MockBatch['provider']): MockBatch[] {
    return [...this.batches.values()].filter((batch) => batch.provider === provider).reverse();
  }
}

function keep<T extends { id: string }>(map: Map<string, T>, value: T, most: number): void {
  map.set(value.id, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
