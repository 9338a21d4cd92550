import type { InvalidateRequest, InvalidationMessage } from '@costlane/contracts';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';

export type CacheInvalidation = Extract<InvalidationMessage, { kind: 'cache' }>;

/** What a request asks to forget. Errors: `invalid_request` that names the field. */
export function invalidationOf({ tenantId, what }: InvalidateRequest): Result<CacheInvalidation, CostlaneError> {
  if (tenantId === '') return refuse('tenant_id', 'tenant_id must name the tenant whose entries are to be dropped.');
  if (!what) return refuse('what', 'One of key, model, tag or all must say what is to be dropped.');
  if (what.$case === 'all') {
    return what.value
      ? ok({ kind: 'cache', tenantId, all: true })
      : refuse('all', 'all must be true; leave it out otherwise.');
  }
  if (what.value === '') return refuse(what.$case, `${what.$case} must not be empty.`);
  return ok({ kind: 'cache', tenantId, [what.$case]: what.value });
}

const refuse = (field: string, message: string) => err(new CostlaneError('invalid_request', message, { field }));
