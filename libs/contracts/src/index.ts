export { completionFields, parseCompletionFields } from './completion';
export type {
  CachedAnswerHeader,
  CacheFill,
  CacheTier,
  Completion,
  CompletionRecord,
  OtherCall,
  SemanticAudit,
  StoredPrompt,
} from './completion';
export { MAX_PROMPT_BYTES, promptOfJob, storedPrompt } from './stored-prompt';
export {
  decodeItemPlan,
  decodeItemReply,
  decodeItemRequest,
  decodeItemTask,
  encodeItemPlan,
  encodeItemReply,
  encodeItemRequest,
  encodeItemTask,
} from './item';
export type {
  ItemAnswer,
  ItemCaller,
  ItemMode,
  ItemPlan,
  ItemRendering,
  ItemReply,
  ItemRequest,
  ItemTask,
} from './item';
export { decodePayload, encodePayload, jobFields } from './job';
export type { ConfidenceCheck, Dialect, Job, JobHeader, RouteTarget } from './job';
export {
  auditedKey,
  budgetChannel,
  consumerGroups,
  everyTenant,
  exactAgeKey,
  exactEpochKey,
  exactEpochOfAllKey,
  exactIndexKey,
  exactKey,
  exactRankKey,
  exactTenantsKey,
  fallbacksKey,
  inFlightKey,
  invalidateChannel,
  isPriority,
  priorities,
  semanticAuditsKey,
  semanticLimitsKey,
  servedKey,
  staleIndexKey,
  staleKey,
  streamNames,
  vectorKey,
  verifierPairsKey,
} from './names';
export type { BudgetMessage, InvalidationMessage, Priority, StreamNames } from './names';
export { decodePart, decodeReply, encodePart, encodeReply, parseReplyField, replyField } from './reply';
export type { ReplyHeader, ReplyKind, ReplyPart, SavingsNanoUsd, UsageSource } from './reply';
export { factsOfJob } from './record-of-job';
export { unpaidSavings } from './unpaid-savings';
export { SERVED_LIFETIME_SECONDS } from './served';
export type { ServedRecord } from './served';

// Generated from proto/: service definitions, clients and messages.
export {
  CacheServiceClient,
  CacheServiceService,
  CacheStatsReply,
  CacheStatsRequest,
  FeedbackReply,
  FeedbackRequest,
  InvalidateReply,
  InvalidateRequest,
  LookUpReply,
  LookUpRequest,
  PairsReply,
  PairsRequest,
  SemanticReply,
  SemanticRequest,
  SemanticTenant,
  SetFalseHitLimitReply,
  SetFalseHitLimitRequest,
} from './gen/costlane/v1/cache';
export type { CacheServiceServer } from './gen/costlane/v1/cache';
export {
  CatalogReply,
  CatalogRequest,
  CatalogServiceClient,
  CatalogServiceService,
  ChangedControlReply,
  ChangedControlRequest,
  ControlDocument,
  ControlPutMode,
  ControlServiceClient,
  ControlServiceService,
  ExperimentReportReply,
  ExperimentReportRequest,
  ExperimentServiceClient,
  ExperimentServiceService,
  GetControlReply,
  GetControlRequest,
  ListControlReply,
  ListControlRequest,
  PutControlRequest,
  RecordFeedbackReply,
  RecordFeedbackRequest,
  RemoveControlRequest,
  StagedPriceRequest,
} from './gen/costlane/v1/control';
export type { CatalogServiceServer, ControlServiceServer, ExperimentServiceServer } from './gen/costlane/v1/control';
export {
  ApiKey,
  CreateKeyReply,
  CreateKeyRequest,
  FindKeyReply,
  FindKeyRequest,
  KeyServiceClient,
  KeyServiceService,
  LedgerServiceClient,
  LedgerServiceService,
  LedgerSummaryReply,
  LedgerSummaryRequest,
  ListKeysReply,
  ListKeysRequest,
  RevokeKeyReply,
  RevokeKeyRequest,
} from './gen/costlane/v1/cost_attribution';
export type { KeyServiceServer, LedgerServiceServer } from './gen/costlane/v1/cost_attribution';
export {
  BatchItem,
  BatchResult,
  BatchResultsRequest,
  CacheInfo,
  ChatMessage,
  CompleteReply,
  CompleteRequest,
  GetJobRequest,
  InferenceServiceClient,
  InferenceServiceService,
  JobCounts,
  JobOptions,
  JobStatus,
  RequestMetadata,
  RoutingDecision,
  Savings,
  StreamEvent,
  SubmitBatchRequest,
  SubmitJobRequest,
  TokenCounts,
  WatchJobRequest,
} from './gen/costlane/v1/inference';
export type { InferenceServiceServer } from './gen/costlane/v1/inference';
export {
  AlertsReply,
  AnalyticsChunk,
  AnalyticsReply,
  AnalyticsRequest,
  AnalyticsRequest_ParametersEntry,
  AnalyticsServiceClient,
  AnalyticsServiceService,
  AnomaliesReply,
  AnomalyServiceClient,
  AnomalyServiceService,
  BooksRangeRequest,
  BooksReply,
  BooksServiceClient,
  BooksServiceService,
  Budget,
  BudgetAccount,
  BudgetServiceClient,
  BudgetServiceService,
  BudgetSyncReply,
  BudgetSyncRequest,
  CloseLesseesReply,
  CloseLesseesRequest,
  CorrectRequest,
  FindPromptReply,
  FindPromptRequest,
  ForgetPromptsReply,
  ForgetPromptsRequest,
  JudgeAnomalyRequest,
  KeptPrompt,
  LeaseAmount,
  LeaseAsk,
  LeaseGrant,
  LeaseReply,
  LeaseRequest,
  LesseeState,
  ListAlertsRequest,
  ListAnomaliesRequest,
  ListBudgetsReply,
  ListBudgetsRequest,
  ListEntriesRequest,
  PromptServiceClient,
  PromptServiceService,
  PutBudgetRequest,
  ReconcileRequest,
  RemoveBudgetRequest,
  ReserveItem,
  ReserveReply,
  ReserveRequest,
  TestAlertReply,
  TestAlertRequest,
} from './gen/costlane/v1/money';
export type {
  AnalyticsServiceServer,
  AnomalyServiceServer,
  BooksServiceServer,
  BudgetServiceServer,
  PromptServiceServer,
} from './gen/costlane/v1/money';
export { MuxFrame, MuxKind, MuxMessage } from './gen/costlane/v1/mux';
export {
  HelloRequest,
  ProviderWorkerServiceClient,
  ProviderWorkerServiceService,
  RunningReply,
  RunningRequest,
} from './gen/costlane/v1/provider_worker';
export type { ProviderWorkerServiceServer } from './gen/costlane/v1/provider_worker';
export {
  Document,
  ModelEntry,
  ModelHealth as ModelHealthMessage,
  PolicyAck,
  PolicyUpdate,
  RouteReply,
  RouteRequest,
  RouterServiceClient,
  RouterServiceService,
} from './gen/costlane/v1/router';
export type { RouterServiceServer } from './gen/costlane/v1/router';
export { descriptorSetBase64 } from './gen/descriptor-set';
export { ServerReflectionClient, ServerReflectionService } from './gen/grpc/reflection/v1/reflection';
export type {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionServer,
} from './gen/grpc/reflection/v1/reflection';
export { HealthCheckResponse_ServingStatus, HealthClient, HealthService } from './gen/health/v1/health';
export type { HealthCheckRequest, HealthCheckResponse, HealthServer } from './gen/health/v1/health';
