import { createHash } from 'node:crypto';

/**
 * The id of a record's point: a UUID of version 8 (RFC 9562, 5.8) from the SHA-256 of tenant and id, so that the same record always
 * has the same point and no two tenants share one.
 */
export function pointIdOf(tenantId: string, id: string): string {
  const digest = createHash('sha256').update(`${tenantId.length}:${tenantId}${id}`).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
