import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config';
import { registerBatchDoor, type JobDoorDeps } from './batch-door';
import { registerJobsDoor } from './jobs-door';

/** The doors at which work is handed in that is done later. */
export function registerJobDoors(
  fastify: FastifyInstance,
  {
    config,
    ...deps
  }: Omit<JobDoorDeps, 'bodyLimitBytes' | 'maxBatchBytes'> & {
    config: Pick<GatewayConfig, 'BODY_LIMIT_BYTES' | 'JOB_MAX_BYTES'>;
  },
): void {
  const door = { ...deps, bodyLimitBytes: config.BODY_LIMIT_BYTES, maxBatchBytes: config.JOB_MAX_BYTES };
  registerBatchDoor(fastify, door);
  registerJobsDoor(fastify, door);
}
