import { anomalyDimensions, anomalyVerdicts } from '@costlane/domain';
import { z } from 'zod';
import { tenantIdSchema } from '../dialects/costlane/request-schema';

const note = z.string().max(2_000).optional();
const time = z.iso.datetime({ offset: true });

/** What somebody says of an anomaly. */
export const anomalyFeedbackSchema = z.strictObject({
  verdict: z.enum(anomalyVerdicts),
  note,
  until: time.optional(),
});

/** Something that will cost more than usual, and may. */
export const anomalyPlanSchema = z.strictObject({
  tenant_id: tenantIdSchema.optional(),
  dimension: z.enum(anomalyDimensions),
  value: z.string().max(200).default(''),
  from: time.optional(),
  until: time,
  note,
});

export const alertTestSchema = z.strictObject({
  sink: z.enum(['alertmanager', 'webhook', 'slack', 'pagerduty']).optional(),
});
