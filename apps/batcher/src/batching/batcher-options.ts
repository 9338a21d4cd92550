import type { StreamNames } from '@costlane/contracts';
import type { BatchSettings } from '@costlane/domain';
import type { Logger, Redis } from '@costlane/platform';
import type { PlaceBook } from '../flow/place-book';
import type { SemanticSharing } from '../sharing/semantic-sharing';
import type { LaneWork } from '../work/lane-work';
import type { BatcherMetrics } from './batcher-metrics';

export interface BatcherOptions {
  redis: Redis;
  names: StreamNames;
  batcherId: string;
  logger: Logger;
  metrics: BatcherMetrics;
  places: PlaceBook;
  settings: BatchSettings;
  /** Pieces of work, and bytes of them, that may wait. */
  maxWaiting: number;
  maxWaitingBytes: number;
  /** Absent: only identical requests share a call. */
  sharing?: SemanticSharing;
  /** Work is left without a place. */
  onPressed: () => void;
  /** Reading may go on. */
  onRoom: () => void;
  /** How far this host's clock is ahead of Redis's, which entries are dated by. Default 0. */
  clockAheadMs?: () => number;
  onDispatched?: (work: LaneWork, nowMs: number) => void;
  /** See `createBatchScheduler`. */
  intervalMs?: number;
  /** What Redis has not taken by then when it stops is left to be claimed. Default 5,000. */
  drainTimeoutMs?: number;
  /** After which time in hand an entry is no longer suspected to end its batchers. Default 2,000. */
  clearAfterMs?: number;
}
