import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ });

/** Settings of alerts, for the service's schema. */
export const alertSettings = {
  ALERT_INTERVAL_SECONDS: z.coerce.number().int().min(10).max(3_600).default(60),
  ALERT_RULES_FILE: z.string().min(1).optional(),
  ALERT_WEBHOOK_URL: url.optional(),
  ALERT_WEBHOOK_SECRET: z.string().min(16).optional(),
  ALERT_SLACK_WEBHOOK_URL: url.optional(),
  ALERT_PAGERDUTY_ROUTING_KEY: z.string().min(1).max(200).optional(),
  ALERT_PAGERDUTY_URL: url.default('https://events.pagerduty.com/v2/enqueue'),
  ALERT_ALERTMANAGER_URL: url.optional(),
  ALERT_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim().toLowerCase())
        .filter((host) => host !== ''),
    ),
  ANOMALY_SCAN_INTERVAL_SECONDS: z.coerce.number().int().min(60).max(3_600).default(300),
  ANOMALY_MIN_IMPACT_USD: z.coerce.number().positive().max(1e6).default(5),
  ANOMALY_MIN_IMPACT_SHARE: z.coerce.number().min(0).max(10).default(0.1),
  ANOMALY_THRESHOLD: z.coerce.number().min(0.5).max(10).default(1),
};

type AlertEnv = z.output<z.ZodObject<typeof alertSettings>>;

/** In the shape that the service works with. */
export const alertsOf = (env: AlertEnv) => ({
  intervalMs: env.ALERT_INTERVAL_SECONDS * 1_000,
  rulesFile: env.ALERT_RULES_FILE,
  sinks: {
    webhookUrl: env.ALERT_WEBHOOK_URL,
    webhookSecret: env.ALERT_WEBHOOK_SECRET,
    slackUrl: env.ALERT_SLACK_WEBHOOK_URL,
    pagerDutyKey: env.ALERT_PAGERDUTY_ROUTING_KEY,
    pagerDutyUrl: env.ALERT_PAGERDUTY_URL,
    alertmanagerUrl: env.ALERT_ALERTMANAGER_URL,
    allowedHosts: env.ALERT_ALLOWED_HOSTS,
  },
});

/** How often rollups are looked at, and what makes an anomaly. */
export const anomaliesOf = (env: AlertEnv) => ({
  scanIntervalMs: env.ANOMALY_SCAN_INTERVAL_SECONDS * 1_000,
  minImpactNanoUsd: Math.round(env.ANOMALY_MIN_IMPACT_USD * 1e9),
  minImpactShare: env.ANOMALY_MIN_IMPACT_SHARE,
  threshold: env.ANOMALY_THRESHOLD,
});
