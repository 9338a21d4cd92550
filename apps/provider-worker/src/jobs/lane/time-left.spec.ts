import fc from 'fast-check';
import { hasTimeForBatches, patienceWith, type WindowRules } from './time-left';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const rules: WindowRules = { minWindowMs: 30 * MINUTE_MS, reserveShare: 0.2, minReserveMs: 5 * MINUTE_MS };
const job = (windowMs: number | undefined) => ({
  kind: 'batch' as const,
  createdAtMs: 0,
  completionWindowMs: windowMs,
  deadlineAtMs: windowMs,
});

describe('time for Batch APIs', () => {
  it('is there with half an hour left, or without a deadline where the caller named a window', () => {
    expect(hasTimeForBatches(job(HOUR_MS), rules, 30 * MINUTE_MS)).toBe(true);
    expect(hasTimeForBatches(job(HOUR_MS), rules, 31 * MINUTE_MS)).toBe(false);
    expect(hasTimeForBatches(job(undefined), rules, 0)).toBe(false);
    const open = {
      kind: 'openai_batch' as const,
      createdAtMs: 0,
      completionWindowMs: HOUR_MS,
      deadlineAtMs: undefined,
    };
    expect(hasTimeForBatches(open, rules, 5 * HOUR_MS)).toBe(true);
    expect(hasTimeForBatches({ ...open, kind: 'job' }, rules, 0)).toBe(false);
  });

  it('runs short a fifth before the end: batches are ended, then left, and after the deadline only ended', () => {
    const at = (minutes: number) => patienceWith(job(100 * MINUTE_MS), rules, minutes * MINUTE_MS);
    expect([0, 79, 80, 89, 90, 99].map(at)).toEqual(['wait', 'wait', 'cancel', 'cancel', 'leave', 'leave']);
    expect([100, 115, 116].map(at)).toEqual(['cancel', 'cancel', 'leave']);
    expect(patienceWith(job(undefined), rules, 1e12)).toBe('wait');
  });

  it('keeps five minutes at the least', () => {
    expect(patienceWith(job(10 * MINUTE_MS), rules, 4 * MINUTE_MS)).toBe('wait');
    expect(patienceWith(job(10 * MINUTE_MS), rules, 5 * MINUTE_MS)).toBe('cancel');
  });

  it('no batch is begun that would be taken back at once', () => {
    const ms = fc.integer({ min: 0, max: 48 * HOUR_MS });
    fc.assert(
      fc.property(ms, ms, fc.double({ min: 0, max: 0.9, noNaN: true }), (windowMs, nowMs, reserveShare) => {
        const given = { ...rules, reserveShare };
        return !hasTimeForBatches(job(windowMs), given, nowMs) || patienceWith(job(windowMs), given, nowMs) === 'wait';
      }),
    );
  });
});
