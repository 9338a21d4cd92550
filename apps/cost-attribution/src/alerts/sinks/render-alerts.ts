import type { AlertMessage, AlertNotice, AlertSeverity } from '../alert-types';

/** What is posted to a sink, as JSON. Formats: each function names its source. */
export type RenderAlerts = (message: AlertMessage) => unknown;

const MAX_LISTED = 20;
const timeOf = (epochMs: number): string => new Date(epochMs).toISOString();
const titleOf = ({ state, severity, rule, tenantId }: AlertNotice): string =>
  `${state === 'resolved' ? 'Resolved' : severity.toUpperCase()}: ${rule}${tenantId === '' ? '' : ` (${tenantId})`}`;

/** Our own format: everything that is known. */
export const renderWebhook: RenderAlerts = ({ id, notices }) => ({
  id,
  type: 'alerts',
  alerts: notices.map((notice) => ({
    key: notice.key,
    state: notice.state,
    rule: notice.rule,
    severity: notice.severity,
    tenant_id: notice.tenantId === '' ? null : notice.tenantId,
    scope: notice.scope,
    summary: notice.summary,
    labels: notice.labels,
    since: timeOf(notice.sinceMs),
    resolved_at: notice.resolvedAtMs === undefined ? null : timeOf(notice.resolvedAtMs),
  })),
});

/** Slack incoming webhook with blocks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; a section holds 3,000 characters at the most). */
export const renderSlack: RenderAlerts = ({ notices }) => {
  const [first] = notices;
  const text = notices.length === 1 && first ? titleOf(first) : `${notices.length} Costlane alerts`;
  const listed = notices.slice(0, MAX_LISTED);
  const more = notices.length - listed.length;
  return {
    text: escaped(text),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: text.slice(0, 150) } },
      ...listed.map((notice) => ({
        type: 'section',
        text: { type: 'mrkdwn', text: `*${escaped(titleOf(notice))}*\n${escaped(notice.summary)}`.slice(0, 2_900) },
      })),
      ...(more > 0 ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: `and ${more} more` }] }] : []),
    ],
  };
};

/** The three characters that Slack gives a meaning: nobody's name becomes a mention or a link. */
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const pagerDutySeverities: Readonly<Record<AlertSeverity, string>> = {
  info: 'info',
  warning: 'warning',
  critical: 'critical',
};

/** PagerDuty Events API v2: trigger and resolve, one event an alert, made one by its `dedup_key` (at most 255 characters; `summary` at most 1,024). */
export const renderPagerDuty =
  (routingKey: string): RenderAlerts =>
  ({ notices }) => {
    const [notice] = notices;
    if (!notice) throw new Error('an event needs an alert');
    const event = { routing_key: routingKey, dedup_key: notice.key };
    if (notice.state === 'resolved') return { ...event, event_action: 'resolve' };
    return {
      ...event,
      event_action: 'trigger',
      payload: {
        summary: `${titleOf(notice)}: ${notice.summary}`.slice(0, 1_024),
        source: 'costlane',
        severity: pagerDutySeverities[notice.severity],
        timestamp: timeOf(notice.sinceMs),
        component: notice.rule,
        group: notice.tenantId === '' ? 'deployment' : notice.tenantId,
        custom_details: { scope: notice.scope, ...notice.labels },
      },
    };
  };

/** It is told again after a day; until then Alertmanager must not think that it is over. */
const ALERTMANAGER_LIFE_MS = 25 * 3_600_000;

/**
 * Prometheus Alertmanager, `POST /api/v2/alerts` (api/v2/openapi.yaml, postableAlerts). It knows an alert by its labels, so one that has become worse is another one to it, and the former ends.
 */
export const renderAlertmanager: RenderAlerts = ({ notices }) =>
  notices.flatMap((notice) => [
    ...(notice.formerSeverity === undefined
      ? []
      : [postable({ ...notice, severity: notice.formerSeverity, state: 'resolved' })]),
    postable(notice),
  ]);

const postable = (notice: AlertNotice) => ({
  labels: {
    ...notice.labels,
    alertname: `costlane_${notice.rule}`,
    severity: notice.severity,
    ...(notice.tenantId === '' ? {} : { tenant: notice.tenantId }),
    ...(notice.scope === '' ? {} : { scope: notice.scope }),
  },
  annotations: { summary: notice.summary },
  startsAt: timeOf(notice.sinceMs),
  endsAt: timeOf(notice.state === 'resolved' ? (notice.resolvedAtMs ?? Date.now()) : Date.now() + ALERTMANAGER_LIFE_MS),
});
