import { formatUsd, nanoUsd } from '../money/nano-usd';
import type { AnomalyIncident } from './incidents';

/** One sentence for people: who spends how much instead of how much, and what accounts for it. */
export function explainAnomaly(incident: Omit<AnomalyIncident, 'id'>): string {
  const { windowMinutes, actualNanoUsd, expectedNanoUsd, cause } = incident;
  const name = nameOf(incident);
  const during = windowMinutes % 60 === 0 ? `${windowMinutes / 60} h` : `${windowMinutes} min`;
  const times = expectedNanoUsd > 0 ? ` (${(actualNanoUsd / expectedNanoUsd).toFixed(1)} times that)` : '';
  const others = cause.filter((scope) => scope.dimension !== incident.dimension && scope.dimension !== 'total');
  const by = others.length === 0 ? '' : ` It is about ${others.map(nameOf).join(', ')}.`;
  return `${name} spent $${usd(actualNanoUsd)} in ${during}, where $${usd(expectedNanoUsd)} was expected${times}.${by}`;
}

const nameOf = ({ dimension, value, tenantId }: Pick<AnomalyIncident, 'dimension' | 'value' | 'tenantId'>): string =>
  dimension === 'total' ? `Tenant ${tenantId}` : `${dimension} ${value}`;

const usd = (amount: number): string => Number(formatUsd(nanoUsd(Math.round(amount)))).toFixed(2);
