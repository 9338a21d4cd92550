import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

export interface BoundMetricOptions<N extends string> {
  name: string;
  help: string;
  labelNames: readonly N[];
}

export interface BoundHistogramOptions<N extends string> extends BoundMetricOptions<N> {
  buckets: readonly number[];
}

export type LabelValues<N extends string> = Record<N, string>;

/** One label set of a histogram. */
export interface BoundHistogram {
  observe(value: number): void;
}

/** One label set of a counter. */
export interface BoundCounter {
  inc(by?: number): void;
}

/**
 * A family of histograms or counters whose label sets are bound beforehand, for what is counted on every request: adding costs some
 * ten nanoseconds, where prom-client hashes the labels each time (1-3 µs). The text is made when somebody asks for it.
 */
export interface MetricFamily<N extends string, B> {
  /** The member of these labels: keep it, finding it costs a string concatenation. */
  with(labels: LabelValues<N>): B;
}

interface Sample {
  metricName?: string;
  value: number;
  labels: Record<string, string | number>;
}

type SampledMetric = Awaited<ReturnType<Histogram['get']>>;

class HistogramMember implements BoundHistogram {
  private readonly counts: Float64Array;
  private sum = 0;

  constructor(
    private readonly bounds: readonly number[],
    private readonly labels: Record<string, string>,
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let i = 0;
    while (i < bounds.length && value > (bounds[i] ?? Infinity)) i += 1;
    this.counts[i] = (this.counts[i] ?? 0) + 1;
    this.sum += value;
  }

  samples(name: string): Sample[] {
    let total = 0;
    const samples: Sample[] = [];
    for (let i = 0; i <= this.bounds.length; i += 1) {
      total += this.counts[i] ?? 0;
      const labels = { ...this.labels, le: this.bounds[i] ?? '+Inf' };
      samples.push({ metricName: `${name}_bucket`, value: total, labels });
    }
    samples.push({ metricName: `${name}_sum`, value: this.sum, labels: this.labels });
    samples.push({ metricName: `${name}_count`, value: total, labels: this.labels });
    return samples;
  }
}

class CounterMember implements BoundCounter {
  private value = 0;

  constructor(private readonly labels: Record<string, string>) {}

  inc(by = 1): void {
    this.value += by;
  }

  sample(): Sample {
    return { value: this.value, labels: this.labels };
  }
}

// prom-client's classes give the place in the registry and the types; their own bookkeeping stays empty. The registry asks
// `getForPromString` where there is one, else `get`.
class HistogramFamily extends Histogram {
  /** Gives name, help and type; `super.get` would call back into this class. */
  private readonly empty: Histogram;

  constructor(
    private readonly familyName: string,
    help: string,
    registry: Registry,
    private readonly members: ReadonlyMap<string, HistogramMember>,
  ) {
    super({ name: familyName, help, registers: [registry] });
    this.empty = new Histogram({ name: familyName, help, registers: [] });
  }

  getForPromString(): Promise<SampledMetric> {
    return this.get();
  }

  override async get(): Promise<SampledMetric> {
    const values = [...this.members.values()].flatMap((member) => member.samples(this.familyName));
    return { ...(await this.empty.get()), values };
  }
}

class CounterFamily extends Counter {
  constructor(
    name: string,
    help: string,
    registry: Registry,
    private readonly members: ReadonlyMap<string, CounterMember>,
  ) {
    super({ name, help, registers: [registry] });
  }

  override async get(): Promise<SampledMetric> {
    return { ...(await super.get()), values: [...this.members.values()].map((member) => member.sample()) };
  }
}

/** Registers a histogram family under prom-client's registry. Throws on a name in use. */
export function createHistogramFamily<N extends string>(
  registry: Registry,
  { name, help, labelNames, buckets }: BoundHistogramOptions<N>,
): MetricFamily<N, BoundHistogram> {
  const bounds = [...buckets].sort((a, b) => a - b);
  const members = new Map<string, HistogramMember>();
  new HistogramFamily(name, help, registry, members);
  return familyOf(labelNames, members, (labels) => new HistogramMember(bounds, labels));
}

/** Registers a counter family under prom-client's registry. Throws on a name in use. */
export function createCounterFamily<N extends string>(
  registry: Registry,
  { name, help, labelNames }: BoundMetricOptions<N>,
): MetricFamily<N, BoundCounter> {
  const members = new Map<string, CounterMember>();
  new CounterFamily(name, help, registry, members);
  return familyOf(labelNames, members, (labels) => new CounterMember(labels));
}

function familyOf<N extends string, B>(
  labelNames: readonly N[],
  members: Map<string, B>,
  create: (labels: Record<string, string>) => B,
): MetricFamily<N, B> {
  return {
    with: (labels) => {
      let key = '';
      for (const label of labelNames) key += `${labels[label]}\u0000`;
      let member = members.get(key);
      if (!member) members.set(key, (member = create({ ...labels })));
      return member;
    },
  };
}
