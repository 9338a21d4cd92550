import { hash } from 'node:crypto';

/** More would cost more than what is learned is worth. */
export const maxHoldoutShare = 0.2;

/** What a place in or out of the holdout rests on. */
export interface HoldoutPlace {
  /** With another one the groups are drawn anew. */
  readonly salt: string;
  readonly tenantId: string;
  /** The user, or the key where no user is known. */
  readonly subject: string;
}

const hashRange = 2 ** 48;

/**
 * Whether a user's requests go out as they come, so that they show what all requests would cost. A hash of salt, tenant and user against `share` (0-1): the same
 * at every gateway and at all times, and who is in at one share is in at every larger one.
 */
export function isHeldOut({ salt, tenantId, subject }: HoldoutPlace, share: number): boolean {
  if (!(share > 0)) return false;
  // The lengths keep the parts apart: no tenant's name and user make up another's.
  const digest = hash('sha256', `holdout ${salt.length} ${salt} ${tenantId.length} ${tenantId} ${subject}`, 'hex');
  return Number.parseInt(digest.slice(0, 12), 16) / hashRange < share;
}
