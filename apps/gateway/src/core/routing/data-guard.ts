import { CostlaneError, type DataPolicy, type RoutingPolicy } from '@costlane/domain';
import type { Inspection, Redaction, SensitiveKind } from '@costlane/data-policy';
import { LRUCache } from 'lru-cache';
import { parsedBody } from '../parsed-body';
import { refuseProviderIds } from './provider-ids';

/** How the bodies of a dialect are looked through for personal data and secrets. One for each dialect, as long as the process lives. */
export interface BodyInspector {
  inspect(body: object): Inspection;
  redact<Body extends object>(body: Body): Redaction<Body>;
}

/** What a request holds that must not get about, and what is done about it. */
export interface SensitiveData {
  kinds: readonly SensitiveKind[];
  action: DataPolicy;
}

export interface DataGuard {
  /**
   * What a body holds and what the tenant's rule does about it; undefined where it holds nothing. Found once for each different body. A very large one
   * that would go out in any case is not looked through: then no kinds are named.
   * @throws CostlaneError `sensitive_data` where the rule is to block it; `invalid_request` for ids of what is kept at the provider.
   */
  check(tenantId: string, bodyHash: string, raw: Buffer, inspector: BodyInspector): SensitiveData | undefined;
}

/** More than the body index knows: bodies of several dialects are in it. */
const MAX_BODIES = 40_000;
const nothing: readonly SensitiveKind[] = [];
/** A text of nothing but numbers takes some 0.7 s of CPU a megabyte, in which a gateway serves nobody else. */
const MAX_ALLOWED_BYTES = 1024 * 1024;

export interface DataGuardDeps {
  policy: () => RoutingPolicy | undefined;
  /** Requests may name files and the like that are kept at the provider. */
  allowsProviderIds?: boolean;
}

/** Looks through request bodies by the policy's and the tenants' rules. */
export function createDataGuard({ policy, allowsProviderIds = false }: DataGuardDeps): DataGuard {
  /** By dialect: the same bytes say something else in another one. */
  const knownBy = new Map<BodyInspector, LRUCache<string, readonly SensitiveKind[]>>();
  const knownOf = (inspector: BodyInspector): LRUCache<string, readonly SensitiveKind[]> => {
    let known = knownBy.get(inspector);
    if (!known) knownBy.set(inspector, (known = new LRUCache({ max: MAX_BODIES })));
    return known;
  };
  const kindsOf = (key: string, raw: Buffer, inspector: BodyInspector): readonly SensitiveKind[] => {
    const known = knownOf(inspector);
    let kinds = known.get(key);
    if (!kinds) {
      const body = parsedBody(raw) as object;
      if (!allowsProviderIds) refuseProviderIds(body);
      kinds = inspector.inspect(body).kinds;
      if (kinds.length === 0) kinds = nothing;
      known.set(key, kinds);
    }
    return kinds;
  };
  /** It would go out whatever it holds; so nobody looks, and no cache keeps it. */
  const unread = (raw: Buffer): SensitiveData => {
    if (!allowsProviderIds) refuseProviderIds(parsedBody(raw) as object);
    return { kinds: nothing, action: 'allow' };
  };
  return {
    check(tenantId, bodyHash, raw, inspector) {
      const { tenants, settings } = policy() ?? {};
      const action = tenants?.get(tenantId)?.dataPolicy ?? settings?.dataPolicy ?? 'allow';
      if (action === 'allow' && raw.length > MAX_ALLOWED_BYTES) return unread(raw);
      // The hash is in base64 and as long as ever: no tenant's name can make the key of another's body.
      const kinds = kindsOf(`${bodyHash}${tenantId}`, raw, inspector);
      if (kinds.length === 0) return undefined;
      if (action === 'block') throw blocked(kinds);
      return { kinds, action };
    },
  };
}

const names: Readonly<Record<SensitiveKind, string>> = {
  email: 'an e-mail address',
  phone: 'a phone number',
  card: 'a card number',
  iban: 'a bank account number',
  ssn: 'a social security number',
  national_id: 'a national identity number',
  secret: 'a key or password',
};

function blocked(kinds: readonly SensitiveKind[]): CostlaneError {
  const found = kinds.map((kind) => names[kind]).join(', ');
  return new CostlaneError(
    'sensitive_data',
    `The request holds what this tenant's rules do not let out (${found}). Remove it and ask again.`,
  );
}
