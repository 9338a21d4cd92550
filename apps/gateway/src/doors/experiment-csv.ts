/** A figure with its interval; null: not known. */
interface ReportedMetric {
  value: number | null;
  low: number | null;
  high: number | null;
  observations: number;
  /** From the first variant; absent for it and where nothing is compared. */
  difference?: { value: number | null; low: number | null; high: number | null } | null;
  verdict?: string | null;
}

/** As cost-attribution gives it, as far as a table shows it. */
export interface ExperimentReport {
  id: string;
  variants: { name: string; requests: number; users: number; metrics: Record<string, ReportedMetric> }[];
}

const columns = [
  'variant',
  'requests',
  'users',
  'metric',
  'observations',
  'value',
  'low',
  'high',
  'difference',
  'difference_low',
  'difference_high',
  'verdict',
];

/** A line for each metric of each variant (RFC 4180). What is not known is empty. */
export function experimentCsv({ variants }: ExperimentReport): string {
  const rows = variants.flatMap(({ name, requests, users, metrics }) =>
    Object.entries(metrics).map(([metric, { value, low, high, observations, difference, verdict }]) => [
      name,
      requests,
      users,
      metric,
      observations,
      value,
      low,
      high,
      difference?.value,
      difference?.low,
      difference?.high,
      verdict,
    ]),
  );
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
