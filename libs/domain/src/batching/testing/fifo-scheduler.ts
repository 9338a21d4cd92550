import { batchLanes, type BatchLane } from '../lanes';
import type { BatchScheduler } from '../create-batch-scheduler';
import type { SimulatedWork } from './simulated-work';

/** What is measured against: first come, first served, a call for each; late work is dropped when its turn comes, nothing is refused. */
export function createFifoScheduler(): Pick<BatchScheduler<SimulatedWork>, 'offer' | 'decide' | 'waiting'> {
  let groupId = 0;
  const queues = new Map<string, { works: SimulatedWork[]; next: number }>();
  const counts = Object.fromEntries(batchLanes.map((lane) => [lane, 0])) as Record<BatchLane, number>;
  return {
    offer(work) {
      const queue = queues.get(work.target);
      if (queue) queue.works.push(work);
      else queues.set(work.target, { works: [work], next: 0 });
      counts[work.lane]++;
      return { isAccepted: true };
    },
    decide(nowMs, capacityOf) {
      const dispatch = [];
      const drop = [];
      for (const [target, queue] of queues) {
        let { freePlaces } = capacityOf(target);
        for (let work = queue.works[queue.next]; work && freePlaces > 0; work = queue.works[queue.next]) {
          queue.next++;
          const { lane, tenantId } = work;
          counts[lane]--;
          if (work.deadlineAtMs - work.serviceMs < nowMs) {
            drop.push(work);
            continue;
          }
          dispatch.push({ groupId: ++groupId, lane, tenantId, target, calls: [{ works: [work] }] });
          freePlaces--;
        }
      }
      return { dispatch, drop, shed: [], wakeAtMs: Infinity };
    },
    waiting: (lane) => counts[lane],
  };
}
