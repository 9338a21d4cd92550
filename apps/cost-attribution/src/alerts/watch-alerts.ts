import type { AlertStore, StoredAlert } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { advanceAlerts, type AlertState } from './advance-alerts';
import { collectConditions, type ConditionDeps } from './alert-conditions';
import type { AlertRules } from './alert-rules';
import { alertRuleNames, type AlertMessage, type AlertNotice } from './alert-types';
import { isTold, type AlertSink } from './sinks/alert-sinks';

export interface WatchAlertsDeps extends ConditionDeps {
  store: Pick<AlertStore, 'advance'>;
  rules: () => Promise<AlertRules>;
  sinks: readonly AlertSink[];
  onStates: (states: readonly Pick<StoredAlert, 'rule' | 'severity' | 'firingSinceMs'>[]) => void;
  logger: Logger;
  now?: () => number;
}

/** Looks at all rules once and puts what is to be told into the outbox. */
export function createAlertWatch(deps: WatchAlertsDeps): () => Promise<void> {
  const { store, rules: readRules, sinks, onStates, logger, now = Date.now } = deps;
  return async () => {
    const rules = await readRules();
    const { conditions, unknown } = await collectConditions(rules, deps, (rule, err) =>
      logger.warn({ rule, err }, 'an alert rule could not be looked at'),
    );
    const step = await store.advance((stored) => {
      const states = stored.filter(isKnown);
      const { notices, ...advanced } = advanceAlerts(states, conditions, rules, now(), unknown);
      return { ...advanced, all: after(states, advanced), notices, messages: messagesOf(notices, sinks, rules) };
    });
    if (!step) return;
    onStates(step.all);
    for (const { rule, tenantId, severity, state } of step.notices)
      logger.info({ rule, tenantId, severity, state }, 'alert');
  };
}

/** Of a rule that this version does not have, nothing is made. */
const isKnown = (state: StoredAlert): state is AlertState => alertRuleNames.some((name) => name === state.rule);

function after(
  states: readonly AlertState[],
  { states: changed, gone }: { states: readonly AlertState[]; gone: readonly AlertState[] },
): AlertState[] {
  const key = ({ rule, tenantId, scope }: AlertState): string => JSON.stringify([rule, tenantId, scope]);
  const all = new Map([...states, ...changed].map((state) => [key(state), state]));
  for (const state of gone) all.delete(key(state));
  return [...all.values()];
}

/** Alerts that come together go together, as far as the sink takes them so. */
export function messagesOf(
  notices: readonly AlertNotice[],
  sinks: readonly AlertSink[],
  rules: AlertRules,
): { sink: string; message: Omit<AlertMessage, 'id'> }[] {
  return sinks.flatMap((sink) => {
    const told = notices.filter((notice) => isTold(sink, notice, rules[notice.rule].sinks));
    const messages = [];
    for (let at = 0; at < told.length; at += sink.batch)
      messages.push({ sink: sink.name, message: { notices: told.slice(at, at + sink.batch) } });
    return messages;
  });
}
