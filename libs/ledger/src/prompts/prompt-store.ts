import type { Database } from '../database';

/** A request's body as it was kept. */
export interface KeptPromptText {
  requestId: string;
  createdAt: Date;
  expiresAt: Date;
  text: string;
  /** It was longer than what is kept of a prompt. */
  isCut: boolean;
}

/** Prompts of tenants that want theirs kept. Everything throws {@link DatabaseError}. */
export interface PromptStore {
  /** The latest of that id, if it is kept and its time is not over. */
  find(tenantId: string, requestId: string): Promise<KeptPromptText | undefined>;
  /** Removes all that a tenant has, in small steps, and resolves with how many those were. Requests on their way may still bring theirs. */
  forget(tenantId: string, signal?: AbortSignal): Promise<number>;
  /** Removes those whose time is over, the oldest first, in small steps; resolves with how many those were. */
  removeExpired(signal?: AbortSignal): Promise<number>;
}

const SLICE_ROWS = 500;

const find = `
  SELECT request_id AS "requestId", created_at AS "createdAt", expires_at AS "expiresAt", is_cut AS "isCut", prompt AS text
  FROM stored_prompts WHERE tenant_id = $1 AND request_id = $2 AND expires_at > now()
  ORDER BY created_at DESC LIMIT 1`;

// By slices: many prompts are deleted without one long transaction, and what others are deleting is passed over.
const removeSlice = (which: string): string => `
  WITH removed AS (
    DELETE FROM stored_prompts WHERE (tenant_id, request_id, created_at) IN (
      SELECT tenant_id, request_id, created_at FROM stored_prompts WHERE ${which}
      LIMIT ${SLICE_ROWS} FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  )
  SELECT count(*)::integer AS count FROM removed`;

const forget = removeSlice('tenant_id = $1');
const removeExpired = removeSlice('expires_at <= now()');

export function createPromptStore(database: Database): PromptStore {
  const remove = async (sql: string, parameters: readonly unknown[], signal?: AbortSignal): Promise<number> => {
    let removed = 0;
    for (;;) {
      signal?.throwIfAborted();
      const [slice] = await database.query<{ count: number }>(sql, parameters);
      removed += slice?.count ?? 0;
      if ((slice?.count ?? 0) < SLICE_ROWS) return removed;
    }
  };
  return {
    find: async (tenantId, requestId) => (await database.query<KeptPromptText>(find, [tenantId, requestId]))[0],
    forget: (tenantId, signal) => remove(forget, [tenantId], signal),
    removeExpired: (signal) => remove(removeExpired, [], signal),
  };
}
