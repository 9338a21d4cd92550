import type { Priority } from '@costlane/contracts';
import type { PlacePool, TargetCapacity } from '@costlane/domain';
import type { CallLimit } from '@costlane/lanes';

/** What was measured of a provider. */
export interface ProviderPlaces {
  provider: string;
  /** Jobs in its dispatch stream: waiting and in flight. */
  jobs: number;
  /** Places of the workers that are alive and serve it. */
  places: number;
  /** Of its models, by target, over all workers; absent: their places are all that limits them. */
  limits?: ReadonlyMap<string, CallLimit>;
  /** Some of its workers are of a version that answers one request a call. */
  asksAlone?: boolean;
}

export interface MeasuredPlaces {
  providers: readonly ProviderPlaces[];
  /** Of all living workers, each counted once, whatever it serves. */
  allPlaces: number;
  /** Batchers that share them, this one included. */
  batchers: number;
}

interface Known extends ProviderPlaces {
  /** Calls on their way into the dispatch stream. */
  moving: number;
  /** Places that are still this batcher's to give before the next measure: others take theirs meanwhile, which it does not see. */
  quota: number;
  /** Free places that were the other batchers' to give when they were measured. */
  othersFree: number;
  /** Calls under way by target and by lane: counted when they are dispatched, and lowered in proportion as the stream shrinks. */
  byTarget: Map<string, number>;
  byLane: Record<Priority, number>;
  /** Calls in flight by target, as workers said last. */
  said: Map<string, number>;
}

/**
 * Who has how many places now. Measures come some times a second, each move tells how long its dispatch streams are, and what was dispatched since is counted
 * here, so that a place is not given away twice. Batchers divide what is free by their number, rounded up: a place that two of them take is one job that waits at its
 * provider, one that nobody dares to take would be lost.
 */
export class PlaceBook {
  private readonly known = new Map<string, Known>();
  private allPlaces = 0;
  private batchers = 1;

  measured({ providers, allPlaces, batchers }: MeasuredPlaces): void {
    this.allPlaces = allPlaces;
    this.batchers = Math.max(1, batchers);
    const names = new Set(providers.map(({ provider }) => provider));
    for (const [name, { moving }] of this.known) if (!names.has(name) && moving === 0) this.known.delete(name);
    for (const { provider, jobs, places, limits, asksAlone } of providers) {
      const known = this.of(provider);
      known.places = places;
      known.asksAlone = asksAlone;
      known.limits = limits;
      const said = new Map<string, number>();
      for (const [target, { inFlight }] of limits ?? []) {
        if (known.said.get(target) !== inFlight) known.byTarget.set(target, inFlight);
        said.set(target, inFlight);
      }
      known.said = said;
      this.noteJobs(provider, jobs);
      known.quota = this.batchers > 1 ? this.share(places - busy(known)) : Infinity;
      known.othersFree = this.othersPart(places - busy(known));
    }
  }

  /** So many jobs are in a provider's dispatch stream now. */
  noteJobs(provider: string, jobs: number): void {
    const known = this.of(provider);
    known.jobs = jobs;
    const most = jobs + known.moving;
    shrink(known.byTarget, most);
    const lanes = known.byLane.express + known.byLane.standard + known.byLane.batch;
    if (lanes <= most) return;
    for (const lane of ['express', 'standard', 'batch'] as const) known.byLane[lane] *= most / lanes;
  }

  dispatched(provider: string, target: string, lane: Priority): void {
    const known = this.of(provider);
    known.moving++;
    known.quota--;
    known.byLane[lane]++;
    known.byTarget.set(target, (known.byTarget.get(target) ?? 0) + 1);
  }

  /** Calls have arrived in the dispatch stream, or were found to be gone. */
  moved(provider: string, calls: number): void {
    const known = this.of(provider);
    known.moving = Math.max(0, known.moving - calls);
  }

  /** Whether several requests may share a call: any of the provider's workers may be the one that gets it. */
  mayShare(provider: string): boolean {
    return !this.known.get(provider)?.asksAlone;
  }

  /** Calls under way that came through a lane, about. */
  inFlight(lane: Priority): number {
    let sum = 0;
    for (const { byLane } of this.known.values()) sum += byLane[lane];
    return Math.round(sum);
  }

  /** Places as one decision may give them away. */
  view(): (target: string, provider: string) => TargetCapacity {
    const taken = [...this.known.values()].reduce((sum, each) => sum + Math.min(each.places, busy(each)), 0);
    const all: PlacePool = { name: '', freePlaces: this.share(this.allPlaces - taken) };
    const pools = new Map<string, PlacePool>();
    return (target, provider) => {
      const known = this.known.get(provider);
      if (!known || known.places === 0) return { freePlaces: 0, places: 0, isAway: true };
      let pool = pools.get(provider);
      if (!pool) {
        const freePlaces = Math.max(0, Math.min(known.quota, this.share(known.places - busy(known))));
        pool = { name: provider, freePlaces, parent: all };
        pools.set(provider, pool);
      }
      const limit = withHeadroom(known.limits?.get(target)?.limit ?? Infinity);
      const allPlaces = Math.min(limit, known.places);
      const places = this.share(allPlaces);
      const left = limit - (known.byTarget.get(target) ?? 0);
      const freePlaces = Math.min(places, this.share(left));
      if (this.batchers === 1) return { freePlaces, places, pool };
      const othersFree = left === Infinity ? known.othersFree : Math.min(known.othersFree, this.othersPart(left));
      return { freePlaces, places, pool, others: { freePlaces: othersFree, allPlaces } };
    };
  }

  private share(places: number): number {
    return Math.ceil(Math.max(0, places) / this.batchers);
  }

  private othersPart(places: number): number {
    return Math.max(0, places - this.share(places));
  }

  private of(provider: string): Known {
    let known = this.known.get(provider);
    if (!known) {
      const byLane = { express: 0, standard: 0, batch: 0 };
      known = {
        provider,
        jobs: 0,
        places: 0,
        moving: 0,
        quota: Infinity,
        othersFree: 0,
        byTarget: new Map(),
        byLane,
        said: new Map(),
      };
      this.known.set(provider, known);
    }
    return known;
  }
}

/** Beyond a model's limit a few calls wait at the worker: a limit that is not used up does not grow. */
const withHeadroom = (limit: number): number => limit + Math.max(1, Math.ceil(limit / 8));

const busy = ({ jobs, moving }: Known): number => jobs + moving;

/** Takes counts down in proportion until their sum is `most`; what is as good as nothing is forgotten. */
function shrink(counts: Map<string, number>, most: number): void {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  if (sum <= most) return;
  for (const [name, count] of counts) {
    const left = (count * most) / sum;
    if (left < 0.5) counts.delete(name);
    else counts.set(name, left);
  }
}
