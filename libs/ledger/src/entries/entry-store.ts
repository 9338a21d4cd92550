import { CostlaneError } from '@costlane/domain';
import type { Database } from '../database';
import { listEntries, type EntryFilter, type LedgerEntry } from './list-entries';

/** An entry by hand: the books are to say what somebody else's (an invoice) say. */
export interface Correction {
  tenantId: string;
  /** UTC day it belongs to, `YYYY-MM-DD`. */
  day: string;
  /** What is added to what the tenant has paid that day; may be negative. */
  amountNanoUsd: bigint;
  /** With tenant and day, one correction. */
  reference: string;
  reason: string;
  by: string;
}

export interface Corrected {
  entry: LedgerEntry;
  /** False: it was in the books before. */
  isNew: boolean;
}

export interface EntryStore {
  /**
   * Enters a correction, once for each tenant, day and reference. Throws `invalid_request` where that reference has corrected the day by another amount,
   * {@link DatabaseError} while Postgres is away.
   */
  correct(correction: Correction): Promise<Corrected>;
  /** The latest first. Throws {@link DatabaseError}. */
  list(filter: EntryFilter): Promise<LedgerEntry[]>;
}

const enter = `
  INSERT INTO ledger_entries (kind, day, tenant_id, amount_nano_usd, reference, reason, made_by)
  VALUES ('correct', $2, $1, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, day, reference) WHERE reference IS NOT NULL DO NOTHING
  RETURNING id`;

export function createEntryStore(database: Database): EntryStore {
  return {
    async correct({ tenantId, day, amountNanoUsd, reference, reason, by }) {
      const values = [tenantId, day, amountNanoUsd.toString(), reference, reason, by];
      const isNew = (await database.query(enter, values)).length > 0;
      const [entry] = await listEntries(database, { tenantId, day, reference, limit: 1 });
      if (!entry) throw new Error('a correction that was entered is not there');
      if (entry.amountNanoUsd !== amountNanoUsd) {
        const message = `reference has corrected ${day} by ${entry.amountNanoUsd} nano-dollars before: a further correction needs another reference.`;
        throw new CostlaneError('invalid_request', message, { field: 'reference' });
      }
      return { entry, isNew };
    },
    list: (filter) => listEntries(database, filter),
  };
}
