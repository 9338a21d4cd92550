import { everyTenant, type InvalidateRequest, type InvalidationMessage } from '@costlane/contracts';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';

export type CacheInvalidation = Extract<InvalidationMessage, { kind: 'cache' }>;

/** What a request asks to forget. Errors: `invalid_request` that names the field. */
export function invalidationOf({ tenantId, what }: InvalidateRequest): Result<CacheInvalidation, CostlaneError> {
  if (tenantId === '') return refuse('tenant_id', 'tenant_id must name the tenant whose entries are to be dropped.');
  if (!what) return refuse('what', 'One of key, model, tag or all must say what is to be dropped.');
  if (tenantId === everyTenant && what.$case !== 'all')
    return refuse('all', 'Of every tenant only all can be dropped; name one tenant to drop by key, model or tag.');
  if (what.$case === 'all') {
    return what.value
      ? ok({ kind: 'cache', tenantId, all: true })
      : refuse('all', 'all must be true; leave it out otherwise.');
  }
  if (what.value === '') return refuse(what.$case, `${what.$case} must not be empty.`);
  return ok({ kind: 'cache', tenantId, [what.$case]: what.value });
}

const refuse = (field: string, message: string) => err(new CostlaneError('invalid_request', message, { field }));
