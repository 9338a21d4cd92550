import type { DayModel, Drift, Reconciliation, UsageExport } from '@costlane/ledger';

/** More than these are listed only where they differ. */
const MOST_LISTED = 2_000;

/** The report as it goes to auditors: counts and amounts as decimal text, drift as theirs less ours. */
export function renderReconciliation(of: {
  provider: string;
  tolerancePercent: number;
  parsed: UsageExport;
  result: Reconciliation;
}) {
  const { provider, tolerancePercent, parsed, result } = of;
  const differing = result.days.filter((one) => !isWithin(one));
  const listed = result.days.length <= MOST_LISTED ? result.days : differing.slice(0, MOST_LISTED);
  return {
    provider,
    export_kind: parsed.kind,
    from: result.from,
    to: result.to,
    tolerance_percent: tolerancePercent,
    verdict: result.isMatching ? 'matches' : 'differs',
    notes: parsed.notes,
    matched_names: result.matchedNames,
    totals: { tokens: renderTokens(result.totals.tokens), cost_nano_usd: renderDrift(result.totals.cost) },
    compared: result.days.length,
    differing: differing.length,
    only_ours: result.days.filter(({ side }) => side === 'ours').length,
    only_theirs: result.days.filter(({ side }) => side === 'theirs').length,
    days: listed.map((one) => ({
      day: one.day,
      model: one.model,
      side: one.side,
      is_within: isWithin(one),
      tokens: renderTokens(one.tokens),
      cost_nano_usd: renderDrift(one.cost),
      duplicate_paid_nano_usd: one.duplicatePaidNanoUsd.toString(),
    })),
  };
}

const isWithin = ({ tokens, cost }: DayModel): boolean =>
  Object.values(tokens).every((drift) => drift.isWithin) && (cost?.isWithin ?? true);

const renderTokens = (tokens: DayModel['tokens']) =>
  Object.fromEntries(Object.entries(tokens).map(([meter, drift]) => [meter, renderDrift(drift)]));

const renderDrift = (drift: Drift | undefined) =>
  drift
    ? {
        ours: drift.ours.toString(),
        theirs: drift.theirs.toString(),
        drift: drift.drift.toString(),
        drift_percent: drift.driftPercent ?? null,
      }
    : null;
