import type { AnalyticsStore, HoldoutSums, ReportRange } from '@costlane/ledger';
import { savingsOf } from './measure-holdout';

/** What the holdout shows to be saved of the list price, net, and the upper end of its interval. */
export interface MeasuredShare {
  /** `*`: the deployment. */
  tenantId: string;
  share: number;
  upper: number;
}

const DEPLOYMENT = '*';
const DAY_MS = 86_400_000;
/** Looked back at: users come again after days, and 30 of them are needed. */
const DAYS = 30;
/** It is of days: nothing changes from one minute to the next. */
const KEPT_MS = 3_600_000;

/** The measured savings of the last 30 full days, of each tenant and of all together, as far as there are users enough; worked out anew after an hour. Throws {@link DatabaseError}. */
export function createMeasuredShares(
  store: Pick<AnalyticsStore, 'holdout' | 'holdoutByTenant'>,
  now: () => number = Date.now,
): () => Promise<MeasuredShare[]> {
  let kept: { shares: MeasuredShare[]; untilMs: number } | undefined;
  return async () => {
    if (kept && now() < kept.untilMs) return kept.shares;
    const to = now() - (now() % DAY_MS);
    const range: ReportRange = { from: new Date(to - DAYS * DAY_MS), to: new Date(to), grain: 'day' };
    const [all, byTenant] = await Promise.all([store.holdout({ range }), store.holdoutByTenant(range)]);
    const shares = [[DEPLOYMENT, all] as const, ...byTenant].flatMap(([tenantId, sums]) => shareOf(tenantId, sums));
    kept = { shares, untilMs: now() + KEPT_MS };
    return shares;
  };
}

function shareOf(tenantId: string, sums: HoldoutSums): MeasuredShare[] {
  const { share } = savingsOf(sums);
  return share && Number.isFinite(share.high) ? [{ tenantId, share: share.value, upper: share.high }] : [];
}
