import { budgetPeriods, budgetScopes, exceededActions, unreachableActions } from '@costlane/domain';
import { z } from 'zod';
import { tenantIdSchema } from '../dialects/costlane/request-schema';

/** Nano-dollars are counted in integers that are exact up to some nine million dollars. */
const MAX_USD = 9_000_000;

const amount = z
  .union([z.number(), z.string()])
  .refine(
    (value) => isAmount(value),
    `has to be US dollars from 0 to ${MAX_USD}, such as 12.5 or "12.5", nine decimals at the most`,
  );

function isAmount(value: number | string): boolean {
  if (typeof value === 'string' && !/^\d{1,7}(\.\d{1,9})?$/.test(value)) return false;
  const usd = Number(value);
  return Number.isFinite(usd) && usd >= 0 && usd <= MAX_USD;
}

export const budgetSchema = z.strictObject({
  tenant_id: tenantIdSchema
    .optional()
    .describe('Needed from the deployment’s administrator; else the tenant of the admin key.'),
  scope: z.enum(budgetScopes).describe('Whose spending is bounded.'),
  scope_id: z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has to be without control characters')
    .optional()
    .describe('The team, user, key or feature; "*" for a budget like this for each of them. Not for an org.'),
  period: z.enum(budgetPeriods).describe('In UTC; a week begins on Monday.'),
  limit_usd: amount,
  soft_limit_usd: amount.optional().describe('From here on it is told of. 0 or absent: it is not.'),
  on_exceeded: z
    .enum(exceededActions)
    .default('block')
    .describe(
      'block: refused with 402, a hard limit. throttle: a few requests a minute. downgrade: economy models only. alert: it goes on.',
    ),
  on_unreachable: z
    .enum(unreachableActions)
    .default('open')
    .describe(
      'Where it cannot be checked within 50 ms. open: some requests a minute go through for each user; closed: 503.',
    ),
});

export type BudgetInput = z.infer<typeof budgetSchema>;

const usd = z.string().describe('US dollars, exact to the nano-dollar.');

const accountSchema = z.object({
  subject: z.string().describe('Whose: the scope_id, or of a budget for "*" the one it is about. Empty for an org.'),
  period_start: z.string(),
  period_end: z.string().describe('When it begins anew.'),
  spent_usd: usd.describe('On record.'),
  reserved_usd: usd.describe('Set aside for requests under way, or held by gateways for those to come.'),
  remaining_usd: usd,
  used_share: z.number().describe('What is spent, of the limit.'),
});

export const budgetReplySchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  scope: z.string(),
  scope_id: z.string().nullable(),
  period: z.string(),
  limit_usd: usd,
  soft_limit_usd: usd.nullable(),
  on_exceeded: z.string(),
  on_unreachable: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  accounts: z.array(accountSchema).optional().describe('How it stands in the present period.'),
});
