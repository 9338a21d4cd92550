import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { AnalyticsChunk, AnalyticsRequest, AnalyticsServiceServer } from '@costlane/contracts';
import { toCostlaneError } from '@costlane/domain';
import { grpcError, type Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { toClientError } from '../to-client-error';
import type { Analytics, AnalyticsQuestion } from './analytics.service';

type ExportCall = ServerWritableStream<AnalyticsRequest, AnalyticsChunk>;

/** gRPC edge of reports: `AnalyticsService`. */
export function createAnalyticsRpc(analytics: Analytics, logger: Logger): AnalyticsServiceServer {
  return {
    report: unary(logger, async (request) => ({ json: await analytics.report(questionOf(request)) })),
    export: (call) => void sendChunks(analytics, logger, call),
  };
}

/** Pieces at the reader's pace; the error that ends them is the call's. */
async function sendChunks(analytics: Analytics, logger: Logger, call: ExportCall): Promise<void> {
  try {
    for await (const piece of analytics.export(questionOf(call.request))) {
      if (call.cancelled) return;
      const isTaken = call.write({ data: Buffer.from(piece) });
      if (!isTaken) await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
    }
    if (!call.cancelled) call.end();
  } catch (thrown) {
    const error = toCostlaneError(toClientError(thrown));
    if (error.httpStatus >= 500) logger.error({ report: call.request.report, err: thrown }, 'an export failed');
    if (!call.cancelled) call.emit('error', grpcError(error));
  }
}

const questionOf = ({ report, tenantId, parameters }: AnalyticsRequest): AnalyticsQuestion => ({
  report,
  ...(tenantId === '' ? {} : { tenantId }),
  parameters,
});
