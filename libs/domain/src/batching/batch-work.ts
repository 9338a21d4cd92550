import type { BatchLane } from './lanes';

/** A piece of work that waits for a call to a provider. */
export interface BatchWork {
  readonly id: string;
  readonly lane: BatchLane;
  readonly tenantId: string;
  /** Provider and model whose places it needs. Work for different targets never stands in each other's way. */
  readonly target: string;
  /** Prompt and expected output, which a tenant's and a lane's share is counted in. At least 1. */
  readonly tokens: number;
  /** Epoch milliseconds. */
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  /** How long the call takes if it goes well: a low quantile, for work that cannot be done by its deadline at that speed is dropped. */
  readonly serviceMs: number;
  /** Work of one tenant with an equal fingerprint gets one answer. Absent: it is never shared for being identical. */
  readonly fingerprint?: string;
  /**
   * Unit vector of what is asked, or how it is made: that is only asked where a window holds other work beside it. Absent: the work is never shared for
   * meaning the same.
   */
  readonly vector?: Float32Array | (() => Float32Array | undefined);
  /** Names of the prompt's chained blocks, from its beginning: equal leading names are an equal prefix. */
  readonly prefix?: readonly string[];
}

/** One call to a provider. All of `works` get its answer; the first of them is asked. */
export interface GroupedCall<W extends BatchWork> {
  readonly works: readonly W[];
}

/** Calls of one tenant to one target which have much of their prompts in common: the first one leads, so that the others find its prefix cached. */
export interface WorkGroup<W extends BatchWork> {
  /** Parts of a group that are dispatched one after the other have the same number. */
  readonly groupId: number;
  readonly lane: BatchLane;
  readonly tenantId: string;
  readonly target: string;
  readonly calls: readonly GroupedCall<W>[];
}
