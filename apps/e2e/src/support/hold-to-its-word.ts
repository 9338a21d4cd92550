import { waitFor } from '@costlane/testing';
import { nanoUsdOf, runLoad, type Ending, type LoadOptions } from './load';
import { ledgerOf, newTenant, type Stack } from './stack';

const DEADLINE_MS = 15_000;

/** Runs a load while something breaks, and holds the system to its word: all answered, none charged twice, the ledger complete. */
export async function loadThrough(
  running: Stack,
  name: string,
  breakIt: () => Promise<void>,
  options: Pick<LoadOptions, 'priority'> = {},
): Promise<Ending[]> {
  const tenantId = `${name}-${Date.now()}`;
  const apiKey = await newTenant(running, tenantId);
  const endings = await runLoad({
    ...options,
    url: running.url,
    apiKey,
    clients: 16,
    deadlineMs: DEADLINE_MS,
    prompt: (n) => `[[mock: latencyMs=20]] ${tenantId} question ${n}`,
    until: breakIt(),
  });
  const unanswered = endings.filter((ending) => ending.isUnanswered);
  expect(unanswered.map(({ body }) => body)).toEqual([]);
  expect(endings.length).toBeGreaterThan(50);
  for (const ending of endings) expect(ending.latencyMs).toBeLessThan(DEADLINE_MS + 1_000);
  expect(new Set(endings.map(({ requestId }) => requestId)).size).toBe(endings.length);
  await expectCompleteLedger(running, tenantId, endings);
  return endings;
}

/** Each answered request is in the ledger once, with what its header said it cost. */
export async function expectCompleteLedger(running: Stack, tenantId: string, endings: Ending[]): Promise<void> {
  const answered = endings.filter(({ status }) => status === 200);
  const paid = answered.reduce((sum, { costUsd }) => sum + nanoUsdOf(costUsd), 0n);
  await waitFor(async () => (await ledgerOf(running, tenantId)).requests >= answered.length, {
    timeoutMs: 30_000,
    intervalMs: 250,
  });
  const ledger = await ledgerOf(running, tenantId);
  // A request that failed for its client may have cost something at the provider all the same: at least the answered ones, once each.
  expect(ledger.requests).toBeLessThanOrEqual(endings.length);
  expect(ledger.paidNanoUsd).toBeGreaterThanOrEqual(paid);
  if (answered.length === endings.length) expect(ledger.paidNanoUsd).toBe(paid);
}

/** Which part of the requests was answered with what they asked for. */
export const okShare = (endings: Ending[]): number =>
  endings.filter(({ status }) => status === 200).length / endings.length;

/** Time in which the load goes on. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
