import { nextBatchSize, type SizeBounds } from './batch-size';

/** Fewer waits say nothing about a 95th percentile: with 20 it is the second longest. */
const minSamples = 20;
/** The newest are kept. */
const maxSamples = 128;

export interface WindowSizer {
  /** How many pieces of work a window is held open for. */
  size(): number;
  /** A piece of work was dispatched that had arrived at `arrivedAtMs`. */
  observe(arrivedAtMs: number, dispatchedAtMs: number): void;
  /** Takes a step of the control law, where enough was seen since the last change. */
  adjust(nowMs: number): void;
}

/** Measures waits and moves the size by {@link nextBatchSize}. Work that arrived before the last change tells of the size before, and is not counted. */
export function createWindowSizer(bounds: SizeBounds): WindowSizer {
  let size = bounds.minSize;
  let changedAtMs = -Infinity;
  let waitsMs: number[] = [];
  let next = 0;
  return {
    size: () => Math.round(size),
    observe(arrivedAtMs, dispatchedAtMs) {
      if (arrivedAtMs < changedAtMs) return;
      waitsMs[next] = dispatchedAtMs - arrivedAtMs;
      next = (next + 1) % maxSamples;
    },
    adjust(nowMs) {
      if (waitsMs.length < minSamples) return;
      const sorted = Float64Array.from(waitsMs).sort();
      const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
      const wanted = nextBatchSize(size, p95Ms, bounds);
      if (wanted === size) return;
      size = wanted;
      changedAtMs = nowMs;
      waitsMs = [];
      next = 0;
    },
  };
}
