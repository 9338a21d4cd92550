import { CostlaneError, parseUsd } from '@costlane/domain';
import { z } from 'zod';
import { tenantIdSchema } from '../dialects/costlane/request-schema';

const time = z.string().min(1).max(40).describe('An RFC 3339 time, or a UTC day such as 2026-11-21.');
const MAX_ENTRIES = 1_000;

/** Bodies and queries of the doors to the books; times are read where they are used. */
export const rollupSchema = z.strictObject({
  since: time.optional().describe('All hours from here on are made anew; absent: only those that have changed.'),
  until: time.optional().describe('Up to here; absent: now.'),
});

export const checkQuerySchema = z.strictObject({ tenant_id: tenantIdSchema.optional(), since: time.optional() });

export const entriesQuerySchema = z.strictObject({
  tenant_id: tenantIdSchema.optional(),
  since: time.optional(),
  until: time.optional(),
  kind: z.enum(['reserve', 'settle', 'release', 'correct']).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_ENTRIES).optional(),
  before_id: z
    .string()
    .regex(/^\d{1,19}$/, 'must be the id of an entry')
    .optional()
    .describe('Those that were entered before this one: the last of a page, for the next.'),
});

export const correctionSchema = z.strictObject({
  tenant_id: tenantIdSchema,
  day: z.string().describe('The UTC day that it is about, YYYY-MM-DD.'),
  amount_usd: z
    .union([z.string().min(1).max(64), z.number()])
    .describe('Dollars, exact to the ninth decimal: what was paid beyond the records; negative: less.'),
  reference: z
    .string()
    .min(1)
    .max(200)
    .describe('An invoice’s number and the like; with tenant and day, one correction.'),
  reason: z.string().min(1).max(1_000),
});

export const reconcileQuerySchema = z.strictObject({
  provider: z.string().min(1).max(200),
  format: z.enum(['csv', 'json']).optional(),
  tolerance_percent: z.coerce.number().min(0).max(100).optional(),
});

/** Nano-dollars as text. A number is taken by its shortest decimal digits, which are those that were sent. Throws `invalid_request`. */
export function nanoUsdText(amountUsd: string | number): string {
  const text = typeof amountUsd === 'number' && Math.abs(amountUsd) < 1e-6 ? amountUsd.toFixed(10) : String(amountUsd);
  const amount = amountOf(text);
  if (amount !== undefined && amount !== 0) return String(amount);
  const message =
    'Field "amount_usd": has to be dollars other than 0, nine decimals at the most, such as "12.50" or "-0.000000001".';
  throw new CostlaneError('invalid_request', message, { field: 'amount_usd' });
}

function amountOf(text: string): number | undefined {
  try {
    return parseUsd(text);
  } catch {
    return undefined;
  }
}
