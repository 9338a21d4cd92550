import { decodePayload, encodePart, HelloRequest, RunningReply, RunningRequest, type Job } from '@costlane/contracts';
import type { MuxMethod } from '@costlane/platform';
import type { DirectRoad } from '../outbox/outbox';
import type { Worker } from '../work/worker';

export interface DirectMethods {
  methods: Record<'Execute' | 'Running' | 'Cancel' | 'Hello', MuxMethod>;
  road: DirectRoad;
  /** Gateways that can be reached without Redis. */
  gateways(): number;
}

/**
 * The road between a gateway and this worker while Redis is away. `Hello` stays open: replies of jobs that came over Redis go back
 * as its chunks. `worker` is asked for late because the worker itself needs the road.
 */
export function createDirectMethods(worker: () => Worker): DirectMethods {
  const gateways = new Map<string, (part: Buffer) => void>();

  const hello: MuxMethod = (body, { signal, chunk }) =>
    new Promise((resolve) => {
      const { gatewayId } = HelloRequest.decode(body);
      gateways.set(gatewayId, chunk);
      signal.addEventListener('abort', () => {
        if (gateways.get(gatewayId) === chunk) gateways.delete(gatewayId);
        resolve(Buffer.alloc(0));
      });
    });

  const execute: MuxMethod = async (body, { signal, chunk }) => {
    const { header, body: request } = decodePayload(body);
    const job: Job = {
      taskType: 'inference.complete',
      priority: 'express',
      idempotencyKey: header.requestId,
      createdAt: new Date(header.createdAtMs).toISOString(),
      header,
      body: request,
    };
    signal.addEventListener('abort', () => worker().cancel(header.requestId));
    return worker().execute(job, chunk);
  };

  const running: MuxMethod = async (body) => {
    const { requestIds } = RunningRequest.decode(body);
    const runningRequestIds = requestIds.filter((id) => worker().hasInHand(id));
    return Buffer.from(RunningReply.encode({ runningRequestIds }).finish());
  };

  const cancel: MuxMethod = async (body) => {
    worker().cancel(body.toString());
    return Buffer.alloc(0);
  };

  return {
    methods: { Hello: hello, Execute: execute, Running: running, Cancel: cancel },
    road(gatewayId, field, value) {
      const chunk = gateways.get(gatewayId);
      chunk?.(encodePart(field, value));
      return chunk !== undefined;
    },
    gateways: () => gateways.size,
  };
}
