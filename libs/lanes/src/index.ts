export { startOrphanWatch, type OrphanedEntry } from './claim-orphans';
export { claimValue, createCallClaims, type CallClaims, type ClaimAnswer } from './claim-calls';
export {
  createCompletionConsumer,
  groupLag,
  type CompletionConsumer,
  type CompletionConsumerOptions,
} from './consume-completions';
export { createCompletionPublisher, type CompletionPublisher } from './publish-completions';
export { createCompletionSpool, type CompletionSpool } from './completion-spool';
export {
  createItemConsumer,
  type ItemConsumer,
  type ItemConsumerOptions,
  type ItemDropReason,
  type ReceivedItem,
} from './consume-items';
export { createItemReplies, itemSignal, taskOfSignal, type ItemAsking, type ItemReplies } from './item-replies';
export { createItemPublisher, type ItemPublisher } from './publish-items';
export { createJobConsumer, type JobConsumer, type JobConsumerOptions, type ReceivedJob } from './consume-jobs';
export { ensureGroup, fieldValue, type StreamEntry } from './consumer-group';
export { createJobFinisher, type FinishedJob, type JobFinisher, type ReplyItem } from './finish-jobs';
export { createNotePublisher, subscribeNotes, type GatewayNote, type NotePublisher } from './gateway-notes';
export { readHeartbeats, startHeartbeat, type CallLimit, type ConsumerState } from './liveness';
export { createJobMover, type LaneEntry, type MovableCall, type MovedJobs } from './move-jobs';
export { createJobPublisher, type JobPublisher, type JobTarget } from './publish-jobs';
export { createRecentWindow, type RecentWindow } from './recent-window';
export { refusalOf } from './refuse-job';
export { createReplyReader } from './read-replies';
export {
  createSignalPublisher,
  subscribeSignals,
  type FlowMessage,
  type SignalHandlers,
  type SignalPublisher,
} from './signals';
export { createTickQueue, type TickQueue } from './tick-queue';
