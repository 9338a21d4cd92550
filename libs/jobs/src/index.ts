export { createBullmqQueue, type BullmqQueueOptions } from './queue/create-bullmq-queue';
export type {
  JobQueue,
  QueueSize,
  QueueTask,
  QueueWorker,
  Schedule,
  TaskHandler,
  TaskOutcome,
  WorkOptions,
} from './queue/job-queue';
