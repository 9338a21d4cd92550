const waiting = 10_000;
const dimension = 384;
const windowSize = 64;

function cpuMicros(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The smallest of several runs: the others had company on the machine. */
const least = (runs, make) => Math.min(...Array.from({ length: runs }, () => cpuMicros(make())));

/** CPU time of the scheduler's parts, in microseconds. */
export function measure(library) {
  const random = library.seededRandom(1);
  const vectors = Array.from({ length: windowSize }, () => unitVector(random));
  return {
    plain: schedulerMicros(library, () => undefined),
    vectors: schedulerMicros(library, (index) => vectors[index % windowSize]),
    clusterWindow: least(20, () => () => void library.clusterVectors(vectors, { epsilon: 0.08 })),
  };
}

/** Offers and dispatches of 10,000 while 10,000 others wait, a place at a time, per piece of work. */
function schedulerMicros(library, vectorOf) {
  const offerMicros = [];
  const dispatchMicros = [];
  for (let run = 0; run < 5; run++) {
    const scheduler = library.createBatchScheduler({
      random: () => 0,
      maxWaiting: 1e9,
      intervalMs: 1e9,
      isSame: () => false,
    });
    const works = Array.from({ length: 2 * waiting }, (_, index) => workOf(index, vectorOf));
    for (const work of works.slice(0, waiting)) scheduler.offer(work, 0);
    offerMicros.push(cpuMicros(() => works.slice(waiting).forEach((work) => scheduler.offer(work, 0))) / waiting);
    const place = () => ({ freePlaces: 1, places: 1 });
    let left = waiting;
    const dispatch = () => {
      while (left > 0) left -= scheduler.decide(0, place).dispatch[0].calls[0].works.length;
    };
    dispatchMicros.push(cpuMicros(dispatch) / waiting);
  }
  return { offer: Math.min(...offerMicros), dispatch: Math.min(...dispatchMicros) };
}

function workOf(index, vectorOf) {
  return {
    id: `w${index}`,
    lane: ['express', 'standard', 'batch'][index % 3],
    tenantId: `t${index % 100}`,
    target: 'mock/small',
    tokens: 1_000,
    arrivedAtMs: 0,
    deadlineAtMs: 1e9 + index,
    serviceMs: 100,
    fingerprint: `f${index}`,
    vector: vectorOf(index),
    prefix: [`p${index % 100}`],
  };
}

function unitVector(random) {
  const vector = Float32Array.from({ length: dimension }, () => random.next() - 0.5);
  const norm = Math.sqrt(vector.reduce((sum, each) => sum + each * each, 0));
  return vector.map((each) => each / norm);
}
