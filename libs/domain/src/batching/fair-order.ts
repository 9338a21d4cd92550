import { IndexedHeap, type HeapNode } from './indexed-heap';

/** Someone who shares a server with others. */
export interface FairFlow extends HeapNode {
  readonly weight: number;
  /** Virtual times: when its next work begins, and when what it was served ends. */
  start: number;
  finish: number;
  /** Decides between equals; set by the order. */
  turn: number;
}

/**
 * Whose turn it is: start-time fair queueing (Goyal, Vin and Cheng 1996, section 2). Each flow's work begins, in virtual time, where its work before ended or
 * where the server is, and takes tokens / weight; the smallest beginning goes first. Over any span two flows that both wait are served alike, but for one
 * piece of work of each, whatever a third one floods the server with. O(log n). A flow that has nothing waiting is remembered
 * only as long as what it was served is ahead of the others.
 */
export class FairOrder<F extends FairFlow> {
  private readonly ready = new IndexedHeap<F>((a, b) => a.start < b.start || (a.start === b.start && a.turn < b.turn));
  private readonly ahead = new IndexedHeap<F>((a, b) => a.finish < b.finish);
  private virtual = 0;
  private lastFinish = 0;
  private turns = 0;

  /** @param onForget a flow without work is even with the others: nothing about it need be kept */
  constructor(private readonly onForget: (flow: F) => void) {}

  get readyFlows(): number {
    return this.ready.size;
  }

  /** The flow, which stood in no heap, has work that may be served. */
  enter(flow: F): void {
    this.ahead.remove(flow);
    flow.start = Math.max(this.virtual, flow.finish);
    flow.turn = ++this.turns;
    this.ready.push(flow);
  }

  first(): F | undefined {
    return this.ready.first();
  }

  /** What the flow was served ahead of the others, in tokens at a weight of 1. */
  lead(flow: F): number {
    return Math.max(0, flow.finish - this.virtual);
  }

  /** The flow, one that is ready, was served so many tokens, and has more that waits. */
  charge(flow: F, tokens: number): void {
    this.virtual = Math.max(this.virtual, flow.start);
    flow.finish = flow.start + tokens / flow.weight;
    this.lastFinish = Math.max(this.lastFinish, flow.finish);
    flow.start = flow.finish;
    flow.turn = ++this.turns;
    this.ready.moved(flow);
    this.forget();
  }

  /** The flow has no work left, whether it was ready or never entered. */
  leave(flow: F): void {
    this.ready.remove(flow);
    this.ahead.push(flow);
    // With nobody left to be fair to, all are even.
    if (this.ready.size === 0) this.virtual = Math.max(this.virtual, this.lastFinish);
    this.forget();
  }

  /** The flow, which has no work that is ready, is about to stand in a heap of its owner's. */
  withdraw(flow: F): void {
    this.ahead.remove(flow);
  }

  private forget(): void {
    for (let flow = this.ahead.first(); flow && flow.finish <= this.virtual; flow = this.ahead.first()) {
      this.ahead.remove(flow);
      flow.finish = 0;
      this.onForget(flow);
    }
  }
}
