import { advanceAlerts, type AlertState } from './advance-alerts';
import { builtInRules } from './alert-rules';
import type { AlertCondition } from './alert-types';
import { readRules } from './rules-file';
import { createAlertSinks } from './sinks/alert-sinks';
import { messagesOf } from './watch-alerts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const spend: AlertCondition = {
  rule: 'user_spend',
  tenantId: 'acme',
  scope: 'ann',
  severity: 'critical',
  summary: 'User <ann> & co has spent $12.00 today, more than $10.',
};

const url = 'https://example.com';
const sinks = createAlertSinks(
  { webhookUrl: url, slackUrl: url, alertmanagerUrl: url, pagerDutyKey: 'key', pagerDutyUrl: url, allowedHosts: [] },
  { timeoutMs: 1_000, now: Date.now },
);

describe('the course of an alert', () => {
  const condition = spend;
  const step = (states: AlertState[], conditions: AlertCondition[], atMs: number, rules = builtInRules) =>
    advanceAlerts(states, conditions, rules, atMs);

  it('is told once while it holds, again after a day, and when it has been over for ten minutes', () => {
    const condition: AlertCondition = { ...spend, rule: 'hit_rate' };
    const first = step([], [condition], 0);
    expect(first.notices).toMatchObject([{ state: 'firing', scope: 'ann', sinceMs: 0 }]);
    expect(step(first.states, [condition], MINUTE)).toEqual({ states: [], gone: [], notices: [] });
    const more = { ...condition, summary: 'It is more now.' };
    expect(step(first.states, [more], MINUTE)).toMatchObject({ states: [more], notices: [] });
    const again = step(first.states, [condition], DAY);
    expect(again.notices).toMatchObject([{ state: 'firing', key: first.notices[0]?.key }]);
    const ending = step(again.states, [], DAY + MINUTE);
    expect(ending.notices).toEqual([]);
    const back = step(ending.states, [condition], DAY + 5 * MINUTE);
    expect(back.notices).toEqual([]);
    const over = step(step(back.states, [], DAY + 6 * MINUTE).states, [], DAY + 17 * MINUTE);
    expect(over.notices).toMatchObject([{ state: 'resolved', key: first.notices[0]?.key }]);
    expect(over.gone).toHaveLength(1);
  });

  it('waits for as long as its rule asks, and tells nobody of what was over before', () => {
    const { rules } = { rules: readRules('rules: { user_spend: { for_seconds: 120, labels: { team: finance } } }') };
    const pending = step([], [condition], 0, rules);
    expect(pending.notices).toEqual([]);
    expect(step(pending.states, [condition], 2 * MINUTE, rules).notices).toMatchObject([
      { labels: { team: 'finance' } },
    ]);
    const gone = step(pending.states, [], MINUTE, rules);
    expect([gone.notices, gone.gone.length]).toEqual([[], 1]);
  });

  it('stays as it is where its rule could not be looked at', () => {
    const { states } = step([], [condition], 0);
    const after = advanceAlerts(states, [], builtInRules, DAY, new Set(['user_spend']));
    expect(after).toEqual({ states: [], gone: [], notices: [] });
  });

  it('is told anew when it becomes worse, never becomes milder, and ends for all who were told of it', () => {
    const { states } = step([], [{ ...condition, severity: 'info' }], 0);
    const worse = step(states, [condition], MINUTE);
    expect(worse.notices).toMatchObject([{ severity: 'critical', formerSeverity: 'info' }]);
    const milder = step(worse.states, [{ ...condition, severity: 'info' }], 2 * MINUTE);
    expect([milder.notices, milder.states]).toEqual([[], []]);
    const over = step(worse.states, [], 3 * MINUTE);
    expect(messagesOf(over.notices, sinks, builtInRules).map(({ sink }) => sink)).toContain('pagerduty');
  });

  it('is over at once where what it is about is gone: a budget, a tenant', () => {
    for (const rule of ['day_spend', 'user_spend', 'budget_used', 'budget_soft_limit', 'anomaly'] as const) {
      const { states } = step([], [{ ...condition, rule }], 0);
      expect(step(states, [], MINUTE).notices).toMatchObject([{ state: 'resolved', rule, resolvedAtMs: MINUTE }]);
    }
  });

  it('goes to the sinks of its severity, or those that its rule names, many in one message', () => {
    const many = Array.from({ length: 7 }, (_, at) => ({
      ...condition,
      severity: 'warning' as const,
      scope: `u${at}`,
    }));
    const { notices } = step([], many, 0);
    const told = messagesOf(notices, sinks, builtInRules);
    expect(told.map(({ sink, message }) => [sink, message.notices.length])).toEqual([
      ['alertmanager', 7],
      ['webhook', 7],
      ['slack', 7],
    ]);
    const named = readRules('rules: { user_spend: { sinks: [pagerduty] } }');
    expect(messagesOf(notices, sinks, named).map(({ sink }) => sink)).toEqual(Array(7).fill('pagerduty'));
  });

  it('rules that do not hold are refused by the name of the field', () => {
    expect(() => readRules('rules: { day_spend: { limit_usd: -1 } }')).toThrow('limit_usd');
    expect(() => readRules('rules: { day_spent: {} }')).toThrow('day_spent');
    expect(readRules('')).toEqual(builtInRules);
    expect(readRules('{"rules":{"hit_rate":{"enabled":false}}}').hit_rate).toMatchObject({
      enabled: false,
      least_rate: 0.4,
    });
  });
});
