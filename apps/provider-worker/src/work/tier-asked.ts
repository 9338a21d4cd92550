import { normaliseServiceTier, standardServiceTier } from '@costlane/domain';

const KEY = '"service_tier"';

/**
 * The service tier that the caller asked for in the request's body; undefined where that is of no matter, for the answer was billed at the
 * standard tier, or where none is named. What a caller chose is no saving of ours. The body is parsed only where it may name one.
 */
export function tierAsked(body: Buffer, billedTier: string | undefined): string | undefined {
  if (normaliseServiceTier(billedTier) === standardServiceTier || !body.includes(KEY)) return undefined;
  try {
    const { service_tier: tier } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    return typeof tier === 'string' ? tier : undefined;
  } catch {
    return undefined;
  }
}
