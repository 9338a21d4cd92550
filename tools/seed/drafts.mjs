// The requests of an hour before they are priced: who asks for what, when, and how it fares.
import { drawerOf, shareOf } from './random.mjs';
import { anomaliesUntil, hourMs } from './calendar.mjs';
import { experiments } from './happenings.mjs';
import { tenants } from './world.mjs';

const pad = (index) => String(index + 1).padStart(3, '0');
export const userIdOf = (tenant, index) =>
  typeof index === 'string' ? `${tenant.id}-user-${index}` : `${tenant.id}-user-${pad(index)}`;

/** A user's arm of the holdout: always the same. */
const isInHoldout = (tenant, userId) => tenant.holdout > 0 && shareOf('holdout', userId) < tenant.holdout;

function experimentOf(tenant, feature, userId, progress) {
  const found = experiments.find(
    ({ tenantId, featureName, from, to }) =>
      tenantId === tenant.id && featureName === feature.name && progress >= from && progress < to,
  );
  if (!found) return undefined;
  const [first, second] = found.variants;
  return {
    id: found.id,
    variant: shareOf(found.id, userId) < first.weight / (first.weight + second.weight) ? first : second,
  };
}

/** What of a running anomaly concerns a usual request. */
const changesOf = (running, tenant, feature) =>
  running.find((one) => one.isForAll && one.tenantId === tenant.id && one.feature === feature.name)?.changes ?? {};

/**
 * The drafts of an hour of `hoursOf`, in the order of their time. Each: `{ atMs, tenant, feature, userId, isHoldout, experiment, changes, anomaly }`.
 * All that is drawn later of a draft is drawn from `draw`.
 */
export function draftsOf({ startMs, progress, counts, injected }, { seed, untilMs, days }) {
  const draw = drawerOf(seed, 'drafts', startMs);
  const running = anomaliesUntil(untilMs, days).filter(({ fromMs, toMs }) => startMs >= fromMs && startMs < toMs);
  const drafts = [];
  const add = (tenant, feature, userId, changes, anomaly) => {
    const isHoldout = isInHoldout(tenant, userId);
    const experiment = isHoldout ? undefined : experimentOf(tenant, feature, userId, progress);
    const atMs = startMs + Math.floor(draw.next() * hourMs);
    drafts.push({ atMs, tenant, feature, userId, isHoldout, experiment, changes, anomaly });
  };
  for (const [at, tenant] of tenants.entries())
    for (let one = 0; one < counts[at]; one += 1) {
      const feature = draw.weighted(
        tenant.features,
        tenant.features.map(({ share }) => share),
      );
      add(tenant, feature, userIdOf(tenant, draw.zipf(tenant.users)), changesOf(running, tenant, feature));
    }
  for (const { anomaly, count } of injected) {
    const tenant = tenants.find(({ id }) => id === anomaly.tenantId);
    const feature = tenant.features.find(({ name }) => name === anomaly.feature);
    for (let one = 0; one < count; one += 1)
      add(tenant, feature, userIdOf(tenant, anomaly.user ?? draw.zipf(tenant.users)), anomaly.changes, anomaly);
  }
  drafts.sort((a, b) => a.atMs - b.atMs);
  return { drafts, draw };
}

/** The edition of a history, in each of its request ids: the same settings, the same ids. */
export const editionOf = ({ seed, untilMs, days, requests }) => {
  const until = new Date(untilMs).toISOString().slice(0, 13).replaceAll(/[-T]/g, '');
  return `demo_${seed}_${until}_${days}d_${requests}`;
};

/** The settings of an edition, undefined for an id that is none. */
export function settingsOfId(requestId) {
  const match = /^demo_(\d+)_(\d{4})(\d{2})(\d{2})(\d{2})_(\d+)d_(\d+)_\d+$/.exec(requestId);
  if (!match) return undefined;
  const [seed, year, month, day, hour, days, requests] = match.slice(1).map(Number);
  return { seed, untilMs: Date.UTC(year, month - 1, day, hour), days, requests };
}
