import type { SpentRequest } from './budget-authority';

/** A request under way: so much is reserved for it on each account, and it ends by its deadline whatever becomes of its gateway. */
export interface Reservation {
  epoch: Epoch;
  userId: string;
  amount: number;
  deadlineMs: number;
}

/** What a gateway has free under one name. */
export interface Epoch {
  lessee: string;
  free: Map<string, number>;
  underWay: number;
  /** Nothing is reserved on it any more: closed, lost, or not renewed in time. */
  isOver: boolean;
  renewedAtMs: number;
}

export interface Gateway {
  id: string;
  epochs: number;
  current: Epoch;
  old: Epoch[];
}

export interface PendingRecord {
  request: SpentRequest;
  madeAtMs: number;
  /** By the machine's clock: Postgres' goes on beside the one of the course. */
  madeAtRealMs: number;
}

export const key = (budgetId: string, subject: string): string => `${budgetId} ${subject}`;

export function add(map: Map<string, number>, name: string, amount: number): void {
  map.set(name, (map.get(name) ?? 0) + amount);
}

/** Whole numbers from 0 to below a bound (mulberry32): the same ones from the same seed. */
export function drawFrom(seed: number): (bound: number) => number {
  let state = seed * 0x9e3779b1 + 1;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
