import type { FastifyInstance } from 'fastify';
import type { ScalingReport } from './scaling-report';

export interface ScalingDoor {
  register(fastify: FastifyInstance): void;
  /** Sets what is told. Before that the door answers 503. */
  open(report: () => ScalingReport): void;
}

/** `GET /internal/scaling`: plain numbers, without an envelope, for autoscalers that read a value by its path. */
export function createScalingDoor(): ScalingDoor {
  let reportNow: (() => ScalingReport) | undefined;
  return {
    register(fastify) {
      fastify.get('/internal/scaling', (_request, reply) => {
        if (reportNow) return reply.send(reportNow());
        return reply.code(503).send({ error: 'nothing has been measured yet' });
      });
    },
    open: (report) => void (reportNow = report),
  };
}
