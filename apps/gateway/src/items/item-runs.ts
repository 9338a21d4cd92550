import type { ItemReply, ItemTask } from '@costlane/contracts';
import type { AnswerEnd, AnswerListener } from '../core/answer';

/** An item that is at its door. */
export interface ItemRun {
  readonly task: ItemTask;
  /** Of the request that is made of it, as its caller and the ledger know it. */
  readonly requestId: string;
  /** As workers know it, who answer a request once: an item that is asked again, for its gateway or its runner went down, has another. Absent: the same. */
  readonly callId?: string;
  /** What the door was told of the answer; absent where it was refused. */
  end?: AnswerEnd;
  /** Leaves the call that it waits for. */
  leave?: () => void;
  /** Takes what came of it; only the first word counts. */
  settle(reply: ItemReply): void;
}

/** Items that are at the doors of one mode. */
export interface ItemRuns {
  add(run: ItemRun): void;
  remove(requestId: string): void;
  get(requestId: string): ItemRun | undefined;
  /**
   * The run whose request is being handled in this turn of the event loop. Doors go from the admission of a request to asking it without a
   * pause, so what is called on the way and gets no name of a request can find its run here.
   */
  current(): ItemRun;
  enter(run: ItemRun): void;
}

export function createItemRuns(): ItemRuns {
  const runs = new Map<string, ItemRun>();
  let entered: ItemRun | undefined;
  return {
    add: (run) => void runs.set(run.requestId, run),
    remove(requestId) {
      runs.delete(requestId);
      if (entered?.requestId === requestId) entered = undefined;
    },
    get: (requestId) => runs.get(requestId),
    current() {
      if (!entered) throw new Error('no item is being handled');
      return entered;
    },
    enter: (run) => void (entered = run),
  };
}

/** A listener that also notes for its item how the answer ended. */
export const notingListener = (run: ItemRun, inner: AnswerListener): AnswerListener => ({
  whole(answer) {
    run.end = answer;
    inner.whole(answer);
  },
  head: (head, tier, decision) => inner.head(head, tier, decision),
  chunk: (bytes) => inner.chunk(bytes),
  end(end) {
    run.end = end;
    inner.end(end);
  },
});
