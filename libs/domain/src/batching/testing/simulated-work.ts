import type { BatchWork } from '../batch-work';

/** Work with what only the simulation knows about it. */
export interface SimulatedWork extends BatchWork {
  readonly vector?: Float32Array;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Factor of its call's time, by chance; mean 1. */
  readonly slowness: number;
  /** One answer serves all work of a tenant with an equal meaning. */
  readonly meaning: string;
}
