import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  AnalyticsServiceClient,
  type AnalyticsChunk,
  type AnalyticsReply,
  type AnalyticsRequest,
} from '@costlane/contracts';
import { askService, toClientError } from '../admin/ask-service';

/** A question to the reports. */
export interface AnalyticsQuestion {
  report: string;
  /** Absent: the whole deployment. */
  tenantId?: string;
  parameters: Record<string, string>;
}

/** Reports of costs; each rejects with a `CostlaneError`. */
export interface AnalyticsReports {
  /** The report's document, as JSON. */
  report(question: AnalyticsQuestion): Promise<string>;
  /**
   * A table or an export in pieces, until the reader leaves. Resolves once the first of them is there: what is refused is refused before anything is sent.
   */
  export(question: AnalyticsQuestion, leaving: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

const LEDGER = 'cost-attribution';
const REPORT_TIMEOUT_MS = 30_000;
/** A year of a large deployment, at its reader's pace. */
const EXPORT_TIMEOUT_MS = 15 * 60_000;
const channelOptions = { 'grpc.max_receive_message_length': 64 * 1024 * 1024 };

/** The reports of cost-attribution over gRPC. */
export function createAnalyticsReports(address: string): AnalyticsReports & { close(): void } {
  const client = new AnalyticsServiceClient(address, credentials.createInsecure(), channelOptions);
  return {
    async report(question) {
      const { json } = await askService<AnalyticsRequest, AnalyticsReply>(
        (...args) => client.report(...args),
        requestOf(question),
        LEDGER,
        REPORT_TIMEOUT_MS,
      );
      return json;
    },
    async export(question, leaving) {
      const call = client.export(requestOf(question), { deadline: Date.now() + EXPORT_TIMEOUT_MS });
      if (leaving.aborted) call.cancel();
      leaving.addEventListener('abort', () => call.cancel(), { once: true });
      const pieces = piecesOf(call);
      return withFirst(await pieces.next(), pieces);
    },
    close: () => client.close(),
  };
}

const requestOf = ({ report, tenantId = '', parameters }: AnalyticsQuestion): AnalyticsRequest => ({
  report,
  tenantId,
  parameters,
});

async function* piecesOf(call: AsyncIterable<AnalyticsChunk>): AsyncGenerator<Buffer> {
  try {
    for await (const { data } of call) yield data;
  } catch (error) {
    throw toClientError(error as ServiceError, LEDGER);
  }
}

async function* withFirst(first: IteratorResult<Buffer>, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
