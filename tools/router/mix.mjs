// A mix of requests over three tiers: what routing saves against always asking the premium model, and what quality it keeps.
import { distanceOf, scoresAfterAnswer } from './cascade.mjs';
import { rank } from './metrics.mjs';

export const prices = { economy: 1.5, standard: 10, premium: 30 };
export const mixShares = { simple: 0.3, moderate: 0.5, complex: 0.2 };
/** Of the rows that only the strong model gets right, the share that the standard model gets right, too: an assumption, there are no outcomes of one. */
export const standardShares = [0.4, 0.6, 0.8];
/** Quality that thresholds are chosen for; a little above what is promised, for they are chosen on other rows. */
const aimedQuality = 0.98;
const steps = 60;

/** Sources by how often the weak model is right in them: what people would call simple, moderate, complex. It makes the workload and routes nothing. */
export function strataOf(rows) {
  const bySource = new Map();
  for (const { source, weak } of rows) {
    const own = bySource.get(source) ?? { count: 0, right: 0 };
    own.count += 1;
    own.right += weak;
    bySource.set(source, own);
  }
  return rows.map(({ source }) => {
    const { count, right } = bySource.get(source);
    const share = right / count;
    if (share >= 0.84) return 'simple';
    return share >= 0.6 ? 'moderate' : 'complex';
  });
}

/** A weight a row, so that the strata have the shares of the mix. */
function weightsOf(strata) {
  const counts = {};
  for (const stratum of strata) counts[stratum] = (counts[stratum] ?? 0) + 1;
  return Float64Array.from(strata, (stratum) => mixShares[stratum] / counts[stratum]);
}

const expectedStandard = ({ strong, weak }, share) => weak + share * (strong - weak);

/** Cost (dollars per million tokens) and quality of rows in ranking order, summed from the front. */
function curves(order, rows, weights, standardShare) {
  const sums = { weight: [0], economy: [0], standard: [0], premium: [0] };
  for (const row of order) {
    const weight = weights[row];
    const push = (name, value) => sums[name].push(sums[name].at(-1) + weight * value);
    push('weight', 1);
    push('economy', rows[row].weak);
    push('standard', expectedStandard(rows[row], standardShare));
    push('premium', rows[row].strong);
  }
  return sums;
}

/** Cost and quality when predictions below `low` go to the economy tier, from `high` on to the premium one, between them to the standard one. */
function routed(sums, economyEnd, standardEnd) {
  const last = sums.weight.length - 1;
  const part = (name, from, to) => sums[name][to] - sums[name][from];
  const total = sums.weight[last];
  return {
    cost:
      (part('weight', 0, economyEnd) * prices.economy +
        part('weight', economyEnd, standardEnd) * prices.standard +
        part('weight', standardEnd, last) * prices.premium) /
      total,
    quality:
      (part('economy', 0, economyEnd) +
        part('standard', economyEnd, standardEnd) +
        part('premium', standardEnd, last)) /
      sums.premium[last],
  };
}

const ascending = (predictions, chosen) => chosen.slice().sort((a, b) => predictions[a] - predictions[b] || a - b);

/** The cheapest pair of thresholds that keeps the aimed quality on the chosen rows. */
function chooseThresholds(predictions, rows, weights, chosen, standardShare) {
  const order = ascending(predictions, chosen);
  const sums = curves(order, rows, weights, standardShare);
  let best = { cost: Infinity, low: -1, high: -1 };
  for (let first = 0; first <= steps; first += 1)
    for (let second = first; second <= steps; second += 1) {
      const [from, to] = [first, second].map((step) => Math.round((step * order.length) / steps));
      const { cost, quality } = routed(sums, from, to);
      const at = (end) => (end >= order.length ? Infinity : predictions[order[end]]);
      if (quality >= aimedQuality && cost < best.cost) best = { cost, low: at(from), high: at(to) };
    }
  return best;
}

/** Per assumed standard model: cost against always-premium and quality kept, with thresholds that were chosen on other folds. */
export function mixFigures(predictions, rows, foldOf) {
  const strata = strataOf(rows);
  const weights = weightsOf(strata);
  const all = [...rows.keys()];
  return standardShares.map((standardShare) => {
    let [cost, quality, premium, total] = [0, 0, 0, 0];
    const calls = { economy: 0, standard: 0, premium: 0 };
    for (const fold of new Set(foldOf)) {
      const { low, high } = chooseThresholds(
        predictions,
        rows,
        weights,
        all.filter((row) => foldOf[row] !== fold),
        standardShare,
      );
      for (const row of all) {
        if (foldOf[row] !== fold) continue;
        const prediction = predictions[row];
        const tier = prediction < low ? 'economy' : prediction < high ? 'standard' : 'premium';
        const right = {
          economy: rows[row].weak,
          standard: expectedStandard(rows[row], standardShare),
          premium: rows[row].strong,
        };
        total += weights[row];
        cost += weights[row] * prices[tier];
        quality += weights[row] * right[tier];
        premium += weights[row] * rows[row].strong;
        calls[tier] += weights[row];
      }
    }
    return {
      standardShare,
      cheaper: 1 - cost / total / prices.premium,
      quality: quality / premium,
      economy: calls.economy / total,
      standard: calls.standard / total,
      premium: calls.premium / total,
    };
  });
}

/** ROC areas assumed of the cheap answer's signal. */
const signalAreas = [0.7, 0.75, 0.8];

/** The lowest score that is still passed on, for the aimed quality on the chosen rows. */
function chooseScore(scores, rows, weights, chosen) {
  let quality = 0;
  let aim = 0;
  for (const row of chosen) {
    quality += weights[row] * rows[row].weak;
    aim += weights[row] * rows[row].strong * aimedQuality;
  }
  const order = rank(chosen.map((row) => scores[row]));
  for (const at of order) {
    const row = chosen[at];
    if (quality >= aim) return scores[row];
    quality += weights[row] * (rows[row].strong - rows[row].weak);
  }
  return -Infinity;
}

/** Two tiers: the economy model answers everything first, and by its answer and the prediction some go on to the premium one. */
export function mixCascadeFigures(predictions, rows, foldOf) {
  const weights = weightsOf(strataOf(rows));
  const all = [...rows.keys()];
  return signalAreas.map((area) => {
    const scores = scoresAfterAnswer(predictions, rows, distanceOf(area), 11);
    let [cost, quality, premium, total, passedOn] = [0, 0, 0, 0, 0];
    for (const fold of new Set(foldOf)) {
      const others = all.filter((row) => foldOf[row] !== fold);
      const from = chooseScore(scores, rows, weights, others);
      for (const row of all) {
        if (foldOf[row] !== fold) continue;
        const isPassedOn = scores[row] > from;
        const weight = weights[row];
        total += weight;
        cost += weight * (prices.economy + (isPassedOn ? prices.premium : 0));
        quality += weight * (isPassedOn ? rows[row].strong : rows[row].weak);
        premium += weight * rows[row].strong;
        if (isPassedOn) passedOn += weight;
      }
    }
    return {
      area,
      cheaper: 1 - cost / total / prices.premium,
      quality: quality / premium,
      passedOn: passedOn / total,
    };
  });
}

const tierOrder = ['economy', 'standard', 'premium'];

/** The labelled prompts, weighted as the mix, sent to the tier of their complexity: cost against always-premium, and how many get too weak a tier. */
export function labelledMix(library, prompts) {
  const byTier = { economy: 'simple', standard: 'moderate', premium: 'complex' };
  let [cost, under, over, right] = [0, 0, 0, 0];
  for (const { text, tier } of prompts) {
    const weight = mixShares[byTier[tier]] / prompts.filter((prompt) => prompt.tier === tier).length;
    const given = library.estimateComplexity({
      text,
      turns: 1,
      contextTokens: text.length / 4,
      hasTools: false,
      hasImages: false,
      wantsStructuredOutput: false,
    }).tier;
    cost += weight * prices[given];
    const distance = tierOrder.indexOf(given) - tierOrder.indexOf(tier);
    if (distance < 0) under += weight;
    else if (distance > 0) over += weight;
    else right += 1 / prompts.length;
  }
  return { prompts: prompts.length, right, cheaper: 1 - cost / prices.premium, underRouted: under, overRouted: over };
}
