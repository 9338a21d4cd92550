import fc from 'fast-check';
import { FairOrder, type FairFlow } from './fair-order';

interface Flow extends FairFlow {
  name: string;
  waiting: number[];
  served: number;
}

const flowOf = (name: string, weight: number, waiting: number[]): Flow => ({
  name,
  weight,
  waiting,
  served: 0,
  heapIndex: -1,
  start: 0,
  finish: 0,
  turn: 0,
});

function serve(order: FairOrder<Flow>): Flow | undefined {
  const flow = order.first();
  if (!flow) return undefined;
  const tokens = flow.waiting.shift() ?? 0;
  flow.served += tokens;
  order.charge(flow, tokens);
  if (flow.waiting.length === 0) order.leave(flow);
  return flow;
}

describe('FairOrder', () => {
  it('serves flows that wait alike, by weight, but for one piece of work of each', () => {
    const flows = fc.array(
      fc.record({
        weight: fc.integer({ min: 1, max: 5 }),
        works: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 5, maxLength: 60 }),
      }),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(flows, (specs) => {
        const order = new FairOrder<Flow>(() => undefined);
        const all = specs.map(({ weight, works }, index) => flowOf(`f${index}`, weight, [...works]));
        for (const flow of all) order.enter(flow);
        while (all.every(({ waiting }) => waiting.length > 0)) {
          serve(order);
          for (const a of all)
            for (const b of all)
              expect(Math.abs(a.served / a.weight - b.served / b.weight)).toBeLessThanOrEqual(
                1_000 / a.weight + 1_000 / b.weight,
              );
        }
      }),
    );
  });

  it('lets a flow that comes late be served next, and gives it nothing for the time that it was away', () => {
    const order = new FairOrder<Flow>(() => undefined);
    const flood = flowOf('flood', 1, Array<number>(100).fill(10));
    order.enter(flood);
    for (let each = 0; each < 50; each++) serve(order);
    const late = flowOf('late', 1, Array<number>(20).fill(10));
    order.enter(late);
    const turns = Array.from({ length: 20 }, () => serve(order)?.name);
    expect(turns.slice(0, 2)).toContain('late');
    expect(turns.filter((name) => name === 'late')).toHaveLength(10);
  });

  it('does not let a flow gain by asking for one thing at a time', () => {
    const order = new FairOrder<Flow>(() => undefined);
    const steady = flowOf('steady', 1, Array<number>(100).fill(10));
    const sly = flowOf('sly', 1, [10]);
    order.enter(steady);
    order.enter(sly);
    for (let each = 0; each < 60; each++) {
      if (serve(order) !== sly) continue;
      sly.waiting.push(10);
      order.enter(sly);
    }
    expect(Math.abs(sly.served - steady.served)).toBeLessThanOrEqual(20);
  });

  it('forgets flows that are even with the others, and all of them once nobody waits', () => {
    const forgotten: string[] = [];
    const order = new FairOrder<Flow>(({ name }) => forgotten.push(name));
    const flood = flowOf('flood', 1, Array<number>(5).fill(100));
    order.enter(flood);
    order.enter(flowOf('small', 1, [10]));
    serve(order);
    serve(order);
    expect(forgotten).toEqual([]);
    serve(order);
    expect(forgotten).toEqual(['small']);
    while (serve(order));
    expect(forgotten).toEqual(['small', 'flood']);
  });
});
