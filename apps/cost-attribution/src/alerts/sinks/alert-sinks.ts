import { anomalySeverities, toCostlaneError } from '@costlane/domain';
import { checkWebhookUrl, sendWebhook, type AddressRules, type SendOptions, type SendOutcome } from '@costlane/jobs';
import type { AlertMessage, AlertNotice, AlertSeverity, AlertSinkName } from '../alert-types';
import { renderAlertmanager, renderPagerDuty, renderSlack, renderWebhook, type RenderAlerts } from './render-alerts';

export interface AlertSinkSettings {
  webhookUrl?: string;
  webhookSecret?: string;
  slackUrl?: string;
  pagerDutyKey?: string;
  pagerDutyUrl: string;
  alertmanagerUrl?: string;
  /** Receivers of the operator's own, as of webhooks: `host` or `host:port`. */
  allowedHosts: readonly string[];
}

/** Where alerts go. `send` is one attempt and never rejects. */
export interface AlertSink {
  readonly name: AlertSinkName;
  /** From which severity on it is told, where a rule does not name its sinks. */
  readonly leastSeverity: AlertSeverity;
  /** Alerts in one message at the most. */
  readonly batch: number;
  /** Why nothing can ever be sent to its address, without the address; absent where it may be. */
  readonly problem?: string;
  send(message: AlertMessage): Promise<SendOutcome>;
}

export type SendAttempt = Pick<SendOptions, 'timeoutMs' | 'now' | 'isLoopbackAllowed'>;

const MAX_BATCH = 50;

/** Those that are configured. */
export function createAlertSinks(settings: AlertSinkSettings, attempt: SendAttempt): AlertSink[] {
  const { webhookUrl, webhookSecret, slackUrl, pagerDutyKey, pagerDutyUrl, alertmanagerUrl, allowedHosts } = settings;
  const sink = (
    name: AlertSinkName,
    url: string,
    render: RenderAlerts,
    { leastSeverity = 'info', batch = MAX_BATCH, secret }: Partial<AlertSink> & { secret?: string } = {},
  ): AlertSink => ({
    ...{ name, leastSeverity, batch, problem: problemOf(url, { ...attempt, allowedHosts }) },
    send: (message) => {
      const body = Buffer.from(JSON.stringify(render(message)));
      return sendWebhook({ url, secret, id: message.id, event: 'alerts', body }, { ...attempt, allowedHosts });
    },
  });
  const sinks: AlertSink[] = [];
  if (alertmanagerUrl !== undefined)
    sinks.push(sink('alertmanager', `${alertmanagerUrl.replace(/\/$/, '')}/api/v2/alerts`, renderAlertmanager));
  if (webhookUrl !== undefined) sinks.push(sink('webhook', webhookUrl, renderWebhook, { secret: webhookSecret }));
  if (slackUrl !== undefined) sinks.push(sink('slack', slackUrl, renderSlack, { leastSeverity: 'warning' }));
  if (pagerDutyKey !== undefined) {
    const render = renderPagerDuty(pagerDutyKey);
    // An event is one alert.
    sinks.push(sink('pagerduty', pagerDutyUrl, render, { leastSeverity: 'critical', batch: 1 }));
  }
  return sinks;
}

function problemOf(url: string, rules: AddressRules): string | undefined {
  try {
    checkWebhookUrl(url, rules);
    return undefined;
  } catch (error) {
    return toCostlaneError(error).message.replace('Field "webhook.url"', 'its address');
  }
}

/** Whether a sink is told of it; `named` are the sinks that the rule names. */
export const isTold = (
  { name, leastSeverity }: Pick<AlertSink, 'name' | 'leastSeverity'>,
  { severity }: Pick<AlertNotice, 'severity'>,
  named: readonly AlertSinkName[] | undefined,
): boolean =>
  named ? named.includes(name) : anomalySeverities.indexOf(severity) >= anomalySeverities.indexOf(leastSeverity);
