import type { ApiKey, InvalidationMessage, KeyServiceServer } from '@costlane/contracts';
import { CostlaneError, type Result } from '@costlane/domain';
import type { KeyStore, StoredKey } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { readKeyHash, readKeyId, readNewKey, unknownKey } from './read-key-request';

export interface KeysControllerOptions {
  keys: KeyStore;
  /** Tells every gateway to forget; rejects when that could not be said. */
  invalidate: (message: InvalidationMessage) => Promise<void>;
  logger: Logger;
}

/** gRPC edge of the key store: `KeyService`. */
export function createKeysController({ keys, invalidate, logger }: KeysControllerOptions): KeyServiceServer {
  return {
    createKey: unary(logger, async (request) => {
      const key = await keys.create(valueOf(readNewKey(request)));
      logger.info({ keyId: key.id, tenantId: key.tenantId, role: key.role }, 'API key created');
      return { key: toMessage(key) };
    }),
    revokeKey: unary(logger, async ({ id }) => {
      const revoked = await keys.revoke(valueOf(readKeyId(id)));
      if (!revoked) throw unknownKey();
      const { wasActive, key } = revoked;
      if (wasActive) logger.info({ keyId: key.id, tenantId: key.tenantId }, 'API key revoked');
      await announce(invalidate, key.keyHash);
      return { wasActive, key: toMessage(key), keyHash: key.keyHash };
    }),
    listKeys: unary(logger, async ({ tenantId }) => {
      const found = await keys.list(tenantId === '' ? {} : { tenantId });
      return { keys: found.map(toMessage) };
    }),
    findKey: unary(logger, async ({ keyHash }) => {
      const key = await keys.findByHash(valueOf(readKeyHash(keyHash)));
      return { key: key && toMessage(key) };
    }),
  };
}

/** Said again with each call, so that a revocation whose announcement was lost can be repeated. */
async function announce(invalidate: KeysControllerOptions['invalidate'], keyHash: string): Promise<void> {
  try {
    await invalidate({ kind: 'api-key', keyHash });
  } catch (cause) {
    const words =
      'The key is revoked, but the gateways could not be told: they may take it until their copy runs out. Try again.';
    throw new CostlaneError('unavailable', words, { cause });
  }
}

function valueOf<T>(result: Result<T, CostlaneError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

const toMessage = (key: StoredKey): ApiKey => ({
  id: key.id,
  prefix: key.prefix,
  tenantId: key.tenantId,
  teamId: key.teamId,
  userId: key.userId,
  name: key.name,
  role: key.role,
  rateLimitPerMinute: key.rateLimitPerMinute,
  createdAt: key.createdAt.toISOString(),
  revokedAt: key.revokedAt?.toISOString() ?? '',
});
