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
export { jobQueueName, jobTask } from './queue/job-task';
export { createSchedules, type Schedules, type SchedulesOptions } from './schedule/create-schedules';
export type { ScheduledTask } from './schedule/scheduled-task';
export { createBatchRunner, type BatchRunner, type BatchRunnerOptions } from './runner/create-batch-runner';
export type { BatchItem, ItemOutcome } from './runner/item-outcome';
export type { ExecuteItem, ExecuteOptions, TurnLimits } from './runner/run-items';
export { deliverWebhooks, webhookBody, type WebhookDeliveryOptions } from './webhook/deliver-webhooks';
export { checkWebhookUrl, isPublicAddress, type AddressRules } from './webhook/public-address';
export { tenantWebhookSecret } from './webhook/tenant-secret';
export { sendWebhook, type SendOptions, type SendOutcome } from './webhook/send-webhook';
export { isWebhookGenuine, signWebhook, webhookHeaders, type ReceivedWebhook } from './webhook/sign-webhook';
export { ndjson, type RenderItem } from './results/ndjson';
export type {
  BatchLane,
  LaneBatch,
  LaneFound,
  LaneLimits,
  LanePatience,
  LanePlace,
  LaneResult,
  LaneSubmit,
  TakenBatch,
} from './runner/batch-lane';
export type { OwnerWatch } from './runner/owner-watch';
