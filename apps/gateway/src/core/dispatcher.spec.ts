import { streamNames, type Job } from '@costlane/contracts';
import { defaultRoutingSettings, type RouteDecision } from '@costlane/domain';
import { createLogger, createMetrics } from '@costlane/platform';
import type { BudgetGate } from '../budgets/budget-gate';
import { sampleDecision, sampleRequest } from '../testing/sample-request';
import { createCallTable } from './call-table';
import { createDispatcher } from './dispatcher';

const experiment = { id: 'x', share: 1, variants: [] };
const decision: RouteDecision = {
  ...sampleDecision,
  fallbacks: [{ ...sampleDecision.model, name: 'strong', tier: 'premium' }],
  isConfidenceChecked: true,
  assigned: { experiment, variant: { name: 'brief', weight: 1 } },
};

function subject(budgets?: BudgetGate) {
  const published: Job[] = [];
  const calls = createCallTable({ onExpired: () => undefined });
  calls.stop();
  const dispatcher = createDispatcher({
    publisher: { publish: async (job) => void published.push(job) },
    signals: { cancel: () => undefined, flow: async () => undefined, invalidate: async () => undefined },
    breaker: {
      isOpen: false,
      run: async (work) => ({ ok: true, value: await work() }),
      onOpen: () => undefined,
      onClose: () => undefined,
      dispose: () => undefined,
    },
    degraded: {
      execute: () => undefined,
      cancel: () => undefined,
      running: async () => new Set(),
      connected: () => 0,
      close: () => undefined,
    },
    calls,
    names: streamNames(),
    gatewayId: 'g1',
    settings: () => defaultRoutingSettings,
    budgets,
    logger: createLogger({ service: 'spec', level: 'silent' }),
    metrics: createMetrics({ service: 'spec' }),
  });
  return { dispatcher, published };
}

describe('a check of an answer that the semantic cache gave', () => {
  it('counts for no experiment, and is asked of one model only', () => {
    const { dispatcher, published } = subject();
    const item = { recordId: 'job_1-0', recordedAtMs: 7 };
    dispatcher.audit(sampleRequest({ acceptsStale: true, ...item }), decision, {
      fingerprint: 'f',
      similarity: 0.95,
      probability: 0.99,
    });
    const [job] = published;
    expect(job?.header).toMatchObject({ endpoint: 'cache-audit', model: 'm', audit: { fingerprint: 'f' } });
    // The item that was answered is on record itself.
    for (const field of [
      'recordId',
      'recordedAtMs',
      'experimentId',
      'experimentVariant',
      'fallbacks',
      'confidence',
    ] as const)
      expect(job?.header[field]).toBeUndefined();
  });

  it('is reserved for no longer than budgets hold for requests, and is not made where they have no room', () => {
    const asked: number[] = [];
    const answers = [undefined, 'refused'] as const;
    const budgets: Partial<BudgetGate> = {
      isActive: true,
      usualRequestMs: 120_000,
      admitUnawaited: ({ deadlineAtMs }) => answers[asked.push(deadlineAtMs - Date.now()) - 1],
    };
    const { dispatcher, published } = subject(budgets as BudgetGate);
    const request = sampleRequest();
    const audit = { fingerprint: 'f', similarity: 0.95, probability: 0.99 };
    dispatcher.audit(request, decision, audit);
    dispatcher.audit(request, decision, audit);
    expect(published).toHaveLength(1);
    expect(asked).toHaveLength(2);
    for (const allowedMs of asked) expect(allowedMs).toBeLessThanOrEqual(120_000);
    expect(published[0]?.header.deadlineAtMs).toBeLessThanOrEqual(Date.now() + 120_000);
  });
});
