import type { BudgetAccount, DeskOutcome, LeaseBook, LeaseDesk } from '@costlane/domain';
import { ok } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import { configSchema } from '../config';
import { Call } from '../core/call';
import { sampleDecision, sampleRequest } from '../testing/sample-request';
import { LeasedBudgets } from './budget-gate';
import { settingsOf } from './create-budgets';

const account = { budget: { onUnreachable: 'open' } } as unknown as BudgetAccount;
const outcomes: DeskOutcome[] = [
  { kind: 'none' },
  { kind: 'unknown' },
  { kind: 'crowded' },
  { kind: 'unreachable', accounts: [account] },
];

describe('a call whose client has left while budgets were asked', () => {
  it.each(outcomes)('is not made whatever comes of it: %j', async (outcome) => {
    let answer: ((outcome: DeskOutcome) => void) | undefined;
    const book = {
      isSynced: true,
      index: { has: () => true },
      limitsOf: () => ({ isHard: true, isSoft: false }),
    } as unknown as LeaseBook;
    const desk: Partial<LeaseDesk> = {
      reserve: (_ask, _nowMs, _isGone, done) => void (answer = done),
    };
    const gate = new LeasedBudgets({
      book,
      desk: desk as LeaseDesk,
      link: () => ({ poke: () => undefined, syncSoon: () => undefined }),
      limiter: { check: () => ok(undefined) },
      settings: settingsOf(configSchema.parse({})),
      metrics: createMetrics({ service: 'spec' }),
    });
    const call = new Call(sampleRequest(), sampleDecision, () => undefined);
    let made = 0;
    gate.admit(call, () => (made += 1));
    call.isSettled = true;
    answer?.(outcome);
    await new Promise((done) => setImmediate(done));
    expect([answer === undefined, made]).toEqual([false, 0]);
  });
});
