import type { Logger } from '@costlane/platform';
import type { Database } from '../database';
import { DatabaseError } from '../database-error';
import { rollUpDay, rollUpHour, type DayTarget, type RolledUp } from './roll-up';

export interface RollupRun {
  /** Ends the run after the transaction in hand; the rest is done by the next one. */
  signal?: AbortSignal;
  /** Whether days' summaries are made, too; default true. */
  withSummary?: boolean;
}

export interface RollupOutcome {
  hours: number;
  days: number;
  summaries: number;
  /** Rows of all rollup tables that came, went or changed. */
  rows: number;
  /** Hours and summaries that were left as they are, for their detail has been dropped. */
  goneDetail: number;
  /** Whose rollups have changed, by name; `*`: the deployment's. */
  tenants: string[];
  /** Nothing is marked any more, as far as this run looks. */
  isComplete: boolean;
}

export interface RollupStore {
  /**
   * Brings the rollups up to date: newest hours first, then the days that they change, a short transaction each. Twice, late, or in several processes at a time:
   * the same rows come of it. Throws {@link DatabaseError}; what was done by then stays.
   */
  run(options?: RollupRun): Promise<RollupOutcome>;
  /** Marks the hours of a time that have detail or rollups, so that the next run makes them anew. Gives their number. Throws {@link DatabaseError}. */
  mark(since: Date, until: Date): Promise<number>;
  /** Age of the oldest mark of an hour, in seconds; 0: all is rolled up. Throws {@link DatabaseError}. */
  lagSeconds(): Promise<number>;
}

/** Marks looked up at a time. */
const MOST = 100;
/** Of one statement: an hour of some millions of requests, a day's summary of some ten millions. */
const TIMEOUT_MS = 120_000;

// Downwards: what is new is seen first, and what is marked again behind a run's back waits for the next one.
const markedHours = `
  SELECT extract(epoch FROM hour)::double precision AS start FROM rollup_marks
  WHERE hour < to_timestamp($1) GROUP BY hour ORDER BY hour DESC LIMIT ${MOST}`;
const markedDays = `
  SELECT day::text AS day, extract(epoch FROM day::timestamp)::double precision AS start FROM rollup_day_marks
  WHERE day::timestamp AT TIME ZONE 'UTC' < to_timestamp($1) AND target = $2 GROUP BY day ORDER BY day DESC LIMIT ${MOST}`;

const markHours = `
  WITH hours AS (
    INSERT INTO rollup_marks (hour)
    SELECT hour
    FROM generate_series(date_trunc('hour', $1::timestamptz, 'UTC'), $2::timestamptz - interval '1 microsecond', interval '1 hour') AS hour
    WHERE EXISTS (SELECT FROM cost_hourly_rollup WHERE dimension = 'total' AND bucket = hour)
      OR EXISTS (SELECT FROM llm_requests WHERE created_at >= hour AND created_at < hour + interval '1 hour')
    RETURNING 1
  )
  SELECT count(*)::integer AS count FROM hours`;

const oldestMark = `SELECT coalesce(extract(epoch FROM now() - min(marked_at)), 0)::double precision AS age FROM rollup_marks`;

export function createRollupStore(database: Database, logger: Logger): RollupStore {
  return {
    run: (options = {}) => new Run(database, logger, options).finish(),
    async mark(since, until) {
      const range = [since.toISOString(), until.toISOString()];
      const [row] = await database.transaction((query) => query<{ count: number }>(markHours, range), TIMEOUT_MS);
      return row?.count ?? 0;
    },
    async lagSeconds() {
      const [row] = await database.query<{ age: number }>(oldestMark);
      return Math.max(0, row?.age ?? 0);
    },
  };
}

interface Marked {
  /** Epoch seconds. */
  start: number;
}

/** One pass over all marks. */
class Run {
  private readonly outcome = { hours: 0, days: 0, summaries: 0, rows: 0, goneDetail: 0 };
  private readonly tenants = new Set<string>();
  private isCut = false;
  /** An hour that cannot be summed must not keep all others from it: it is told of at the end. */
  private failure: unknown;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
    private readonly asked: RollupRun,
  ) {}

  async finish(): Promise<RollupOutcome> {
    await this.each<Marked>(markedHours, [], async ({ start }) => {
      this.add('hours', await rollUpHour(this.database, start, TIMEOUT_MS));
    });
    await this.days('daily', 'days');
    if (this.asked.withSummary !== false) await this.days('summary', 'summaries');
    const { outcome } = this;
    if (outcome.goneDetail > 0)
      this.logger.warn({ ...outcome }, 'rollups whose detail has been dropped were left as they are');
    if (this.failure !== undefined) throw this.failure;
    return { ...outcome, tenants: [...this.tenants].sort(), isComplete: !this.isCut };
  }

  private async days(target: DayTarget, what: 'days' | 'summaries'): Promise<void> {
    await this.each<Marked & { day: string }>(markedDays, [target], async (marked) => {
      this.add(what, await rollUpDay(this.database, marked, target, TIMEOUT_MS));
    });
  }

  private async each<Row extends Marked>(
    sql: string,
    parameters: readonly unknown[],
    work: (row: Row) => Promise<void>,
  ): Promise<void> {
    let below = Infinity;
    for (;;) {
      const rows = await this.database.query<Row>(sql, [below, ...parameters]);
      for (const row of rows) {
        if (this.asked.signal?.aborted) {
          this.isCut = true;
          return;
        }
        await work(row).catch((error: unknown) => this.note(error));
        below = row.start;
      }
      if (rows.length < MOST) return;
    }
  }

  private note(error: unknown): void {
    if (!(error instanceof DatabaseError) || error.isConnectionLost) throw error;
    this.failure ??= error;
  }

  private add(what: 'hours' | 'days' | 'summaries', { state, rows, tenants }: RolledUp): void {
    if (state === 'done') this.outcome[what] += 1;
    if (state === 'detail_gone') this.outcome.goneDetail += 1;
    this.outcome.rows += rows;
    for (const tenant of tenants) this.tenants.add(tenant);
  }
}
