import type { Database } from './database';

export type KeyRole = 'admin' | 'member';

export interface StoredKey {
  id: string;
  /** The shown part of the key. */
  prefix: string;
  /** HMAC-SHA-256 of the key, hex: the key itself is stored nowhere. */
  keyHash: string;
  tenantId: string;
  teamId: string;
  userId: string;
  name: string;
  role: KeyRole;
  /** 0: the deployment's default. */
  rateLimitPerMinute: number;
  createdAt: Date;
  revokedAt: Date | undefined;
}

export type NewKey = Omit<StoredKey, 'id' | 'createdAt' | 'revokedAt'>;

/** API keys. All throw {@link DatabaseError}; texts have to be bounded and free of NUL already. */
export interface KeyStore {
  /** Repeated with the same hash it gives the key that is there, so that a lost answer can be asked for again. */
  create(key: NewKey): Promise<StoredKey>;
  /** Revokes for good; a second time changes nothing. Undefined: no such key. `id` must be a UUID. */
  revoke(id: string): Promise<{ wasActive: boolean; key: StoredKey } | undefined>;
  /** Newest first, revoked ones included, at most 10,000. */
  list(filter: { tenantId?: string }): Promise<StoredKey[]>;
  /** The active key with this hash. */
  findByHash(keyHash: string): Promise<StoredKey | undefined>;
}

interface KeyRow {
  id: string;
  prefix: string;
  key_hash: string;
  tenant_id: string;
  team_id: string;
  user_id: string;
  name: string;
  role: KeyRole;
  rate_limit_per_minute: number;
  created_at: Date;
  revoked_at: Date | null;
}

const LIST_LIMIT = 10_000;

// The update changes nothing; it makes RETURNING give the row that is there.
const createSql = `
  INSERT INTO api_keys (prefix, key_hash, tenant_id, team_id, user_id, name, role, rate_limit_per_minute)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (key_hash) DO UPDATE SET key_hash = EXCLUDED.key_hash
  RETURNING *`;

const revokeSql = `
  WITH before AS (SELECT id, revoked_at FROM api_keys WHERE id = $1 FOR UPDATE)
  UPDATE api_keys SET revoked_at = coalesce(before.revoked_at, now()) FROM before WHERE api_keys.id = before.id
  RETURNING api_keys.*, before.revoked_at IS NULL AS was_active`;

export function createKeyStore(database: Database): KeyStore {
  return {
    async create(key) {
      const { prefix, keyHash, tenantId, teamId, userId, name, role, rateLimitPerMinute } = key;
      const parameters = [prefix, keyHash, tenantId, teamId, userId, name, role, rateLimitPerMinute];
      const [row] = await database.query<KeyRow>(createSql, parameters);
      if (!row) throw new Error('an insert gave no row');
      return toKey(row);
    },
    async revoke(id) {
      const [row] = await database.query<KeyRow & { was_active: boolean }>(revokeSql, [id]);
      return row && { wasActive: row.was_active, key: toKey(row) };
    },
    async list({ tenantId }) {
      const rows = await database.query<KeyRow>(
        `SELECT * FROM api_keys WHERE $1::text IS NULL OR tenant_id = $1 ORDER BY created_at DESC, id LIMIT ${LIST_LIMIT}`,
        [tenantId ?? null],
      );
      return rows.map(toKey);
    },
    async findByHash(keyHash) {
      const [row] = await database.query<KeyRow>(`SELECT * FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL`, [
        keyHash,
      ]);
      return row && toKey(row);
    },
  };
}

const toKey = (row: KeyRow): StoredKey => ({
  id: row.id,
  prefix: row.prefix,
  keyHash: row.key_hash,
  tenantId: row.tenant_id,
  teamId: row.team_id,
  userId: row.user_id,
  name: row.name,
  role: row.role,
  rateLimitPerMinute: row.rate_limit_per_minute,
  createdAt: row.created_at,
  revokedAt: row.revoked_at ?? undefined,
});
