import type { BatchScheduler } from '../create-batch-scheduler';
import type { SimulatedWork } from './simulated-work';

/** What is measured against: first come, first served, a call for each; late work is dropped when its turn comes, nothing is refused. */
export function createFifoScheduler(): Pick<BatchScheduler<SimulatedWork>, 'offer' | 'decide' | 'waiting'> {
  let queue: SimulatedWork[] = [];
  return {
    offer(work) {
      queue.push(work);
      return { isAccepted: true };
    },
    decide(nowMs, capacityOf) {
      const free = new Map<string, number>();
      const dispatch = [];
      const drop = [];
      const left: SimulatedWork[] = [];
      for (const work of queue) {
        const { target, tenantId, lane } = work;
        const places = free.get(target) ?? capacityOf(target).freePlaces;
        const isLate = work.deadlineAtMs - work.serviceMs < nowMs;
        if (places <= 0) left.push(work);
        else if (isLate) drop.push(work);
        else dispatch.push({ lane, tenantId, target, calls: [{ works: [work] }] });
        free.set(target, places <= 0 || isLate ? places : places - 1);
      }
      queue = left;
      return { dispatch, drop, shed: [], wakeAtMs: Infinity };
    },
    waiting: (lane) => queue.reduce((sum, work) => sum + (work.lane === lane ? 1 : 0), 0),
  };
}
