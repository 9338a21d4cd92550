export { booleanSetting } from './boolean-setting';
export { bootstrapService, httpPortOf } from './bootstrap-service';
export type { RootModule, ServiceOptions } from './bootstrap-service';
export { CONFIG_EXIT_CODE, ConfigError, loadConfig, parseConfig } from './config';
export type { ConfigSource } from './config';
export { createEnvelopeErrorHandler } from './error-filter';
export type { HttpErrorHandler } from './error-filter';
export { HealthRegistry } from './health';
export type { CheckReport, HealthCheck, HealthRegistryOptions, HealthReport, HealthResult } from './health';
export { createLogger } from './logger';
export type { Logger, LoggerOptions } from './logger';
export { createMetrics, latencyBucketsSeconds } from './metrics';
export type { Metrics } from './metrics';
export { createRedis } from './redis';
export { bindScript } from './redis-script';
export type { ChainableCommander, Redis, RedisConnectionOptions, RedisKey, RedisValue } from './redis';
export { newRequestId } from './request-id';
export { Shutdown } from './shutdown';
export type { ShutdownOptions } from './shutdown';
export { fromGrpcError, grpcError } from './to-grpc-status';
export { fromFrameworkError, successEnvelope, toHttpError, toOpenAiError } from './to-http';
export type { Envelope, HttpError, OpenAiErrorBody } from './to-http';
export { startGrpcServer } from './grpc-server';
export type { GrpcServer, GrpcServerOptions, GrpcServiceBinding } from './grpc-server';
export { tellFallbacks } from './tell-fallbacks';
export { createMuxClient } from './mux-client';
export type { MuxCallOptions, MuxClient, MuxClientOptions, MuxStreamHandlers } from './mux-client';
export { createMuxHandler } from './mux-handler';
export type { MuxContext, MuxHandler, MuxHandlerOptions, MuxMethod } from './mux-handler';
export { formatTraceparent, parseTraceparent } from './traceparent';
export type { TraceParent } from './traceparent';
export { createTracing, genAiProviderName } from './tracing';
export type { Span, SpanAttributes, SpanKind, SpanOptions, Tracing, TracingOptions } from './tracing';
export { createRedisBreaker } from './redis-breaker';
export type { RedisBreaker, RedisBreakerOptions } from './redis-breaker';
export { redisHealth } from './redis-health';
export type {
  BoundCounter,
  BoundHistogram,
  BoundHistogramOptions,
  BoundMetricOptions,
  MetricFamily,
} from './bound-metrics';
export { createHttpMetrics } from './http-metrics';
export type { HttpMetrics } from './http-metrics';
