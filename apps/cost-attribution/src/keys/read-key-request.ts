import type { CreateKeyRequest } from '@costlane/contracts';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';
import type { KeyRole, NewKey } from '@costlane/ledger';

const NAME_LIMIT = 200;
const PREFIX_LIMIT = 32;
const MAX_RATE_LIMIT_PER_MINUTE = 1_000_000;

const hashPattern = /^[0-9a-f]{64}$/;
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// Control characters, U+0000 among them, have no place in a name and some cannot be stored.
const controlPattern = /\p{Cc}/u;

/** A key to be created. Errors: `invalid_request` that names the field; no role is `member`. */
export function readNewKey(request: CreateKeyRequest): Result<NewKey, CostlaneError> {
  const { tenantId, teamId, userId, name, prefix, keyHash, rateLimitPerMinute } = request;
  if (tenantId === '') return refuse('tenant_id', 'tenant_id must name the tenant that the key belongs to.');
  for (const [field, value] of Object.entries({ tenant_id: tenantId, team_id: teamId, user_id: userId, name })) {
    if (value.length > NAME_LIMIT) return refuse(field, `${field} must have at most ${NAME_LIMIT} characters.`);
    if (controlPattern.test(value)) return refuse(field, `${field} must not contain control characters.`);
  }
  if (prefix === '' || prefix.length > PREFIX_LIMIT || controlPattern.test(prefix))
    return refuse('prefix', `prefix must be the shown part of the key, at most ${PREFIX_LIMIT} characters.`);
  const hash = readKeyHash(keyHash);
  if (!hash.ok) return hash;
  const role = request.role === '' ? 'member' : request.role;
  if (!isRole(role)) return refuse('role', 'role must be admin or member.');
  if (!(rateLimitPerMinute >= 0 && rateLimitPerMinute <= MAX_RATE_LIMIT_PER_MINUTE))
    return refuse(
      'rate_limit_per_minute',
      `rate_limit_per_minute must be 0 (the default) to ${MAX_RATE_LIMIT_PER_MINUTE}.`,
    );
  return ok({ prefix, keyHash, tenantId, teamId, userId, name, role, rateLimitPerMinute });
}

/** Errors: `invalid_request`. */
export function readKeyHash(keyHash: string): Result<string, CostlaneError> {
  if (hashPattern.test(keyHash)) return ok(keyHash);
  return refuse('key_hash', 'key_hash must be the HMAC-SHA-256 of the key as 64 lower-case hex digits.');
}

/** Errors: `not_found`, because what is no id is the id of no key. */
export function readKeyId(id: string): Result<string, CostlaneError> {
  return uuidPattern.test(id) ? ok(id) : err(unknownKey());
}

export const unknownKey = (): CostlaneError =>
  new CostlaneError('not_found', 'There is no API key with this id.', { field: 'id' });

const isRole = (role: string): role is KeyRole => role === 'admin' || role === 'member';

const refuse = (field: string, message: string) => err(new CostlaneError('invalid_request', message, { field }));
