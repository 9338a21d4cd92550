import type { Database } from '../database';

export const controlKinds = ['tenant-policy', 'experiment'] as const;
export type ControlKind = (typeof controlKinds)[number];

export interface StoredControl {
  kind: ControlKind;
  id: string;
  body: Record<string, unknown>;
  /** Of all kinds together; each change has a higher one. */
  version: number;
  isDeleted: boolean;
  updatedAt: Date;
}

/** `create`: refused when the id was ever used. `merge`: replaces the fields given, and null takes one away. */
export type PutMode = 'replace' | 'create' | 'merge';

export type PutOutcome =
  { kind: 'stored'; document: StoredControl } | { kind: 'id-was-used' } | { kind: 'too-many'; maxLive: number };

/** Administrators' documents. All throw `DatabaseError`; texts have to be bounded and free of NUL already. */
export interface ControlStore {
  put(document: {
    kind: ControlKind;
    id: string;
    body: object;
    mode?: PutMode;
    /** No new one where the kind has so many; default {@link MAX_DOCUMENTS}. */
    maxLive?: number;
  }): Promise<PutOutcome>;
  /** Marks it as deleted, under a new version; it keeps its body. Undefined: there is none, or not any more. */
  remove(kind: ControlKind, id: string): Promise<StoredControl | undefined>;
  /** Deleted ones too. */
  get(kind: ControlKind, id: string): Promise<StoredControl | undefined>;
  /** By id, at most {@link MAX_DOCUMENTS}. */
  list(kind: ControlKind, options?: { withDeleted?: boolean }): Promise<StoredControl[]>;
  /**
   * What came after a version, deleted ones too, in the order of versions. Who goes on with the last version that he got misses nothing:
   * versions become visible in their order. An empty answer: there is no more for now.
   */
  changedSince(version: number, limit: number): Promise<StoredControl[]>;
  /** 0 where nothing was ever put. Below what a reader has: the database was set back. */
  latestVersion(): Promise<number>;
}

/** Of one kind. */
export const MAX_DOCUMENTS = 10_000;

interface ControlRow {
  kind: ControlKind;
  id: string;
  body: Record<string, unknown>;
  /** Null: not stored. */
  version: string | null;
  is_deleted: boolean;
  updated_at: Date;
}

const columns = 'kind, id, body, version, is_deleted, updated_at';

export function createControlStore(database: Database): ControlStore {
  return {
    async put({ kind, id, body, mode = 'replace', maxLive = MAX_DOCUMENTS }) {
      const parameters = [kind, id, JSON.stringify(body), mode, maxLive];
      const [row] = await database.query<ControlRow>(
        `SELECT * FROM costlane_put_control($1, $2, $3, $4, $5)`,
        parameters,
      );
      if (!row) return { kind: 'id-was-used' };
      return row.version === null ? { kind: 'too-many', maxLive } : { kind: 'stored', document: toDocument(row) };
    },
    async remove(kind, id) {
      const [row] = await database.query<ControlRow>(`SELECT * FROM costlane_remove_control($1, $2)`, [kind, id]);
      return row && toDocument(row);
    },
    async get(kind, id) {
      const sql = `SELECT ${columns} FROM control_documents WHERE kind = $1 AND id = $2`;
      const [row] = await database.query<ControlRow>(sql, [kind, id]);
      return row && toDocument(row);
    },
    async list(kind, { withDeleted = false } = {}) {
      const rows = await database.query<ControlRow>(
        `SELECT ${columns} FROM control_documents WHERE kind = $1 AND ($2 OR NOT is_deleted) ORDER BY id LIMIT ${MAX_DOCUMENTS}`,
        [kind, withDeleted],
      );
      return rows.map(toDocument);
    },
    async changedSince(version, limit) {
      const sql = `SELECT ${columns} FROM control_documents WHERE version > $1 ORDER BY version LIMIT $2`;
      return (await database.query<ControlRow>(sql, [version, limit])).map(toDocument);
    },
    async latestVersion() {
      const sql = `SELECT coalesce(max(version), 0) AS version FROM control_documents`;
      const [row] = await database.query<{ version: string }>(sql);
      return Number(row?.version ?? 0);
    },
  };
}

const toDocument = (row: ControlRow): StoredControl => ({
  kind: row.kind,
  id: row.id,
  body: row.body,
  version: Number(row.version),
  isDeleted: row.is_deleted,
  updatedAt: row.updated_at,
});
