import { credentials } from '@grpc/grpc-js';
import {
  CatalogServiceClient,
  ControlPutMode,
  ControlServiceClient,
  ExperimentServiceClient,
  type CatalogReply,
  type CatalogRequest,
  type ControlDocument,
  type ExperimentReportReply,
  type ExperimentReportRequest,
  type GetControlReply,
  type GetControlRequest,
  type ListControlReply,
  type ListControlRequest,
  type PutControlRequest,
  type RecordFeedbackReply,
  type RecordFeedbackRequest,
  type RemoveControlRequest,
  type StagedPriceRequest,
} from '@costlane/contracts';
import { askService } from './ask-service';

export type ControlKind = 'tenant-policy' | 'experiment';

/** A document that administrators decide. */
export interface AdminDocument {
  id: string;
  body: Record<string, unknown>;
  version: number;
  isDeleted: boolean;
  /** RFC 3339. */
  updatedAt: string;
}

/** Where administrators' documents are kept. Each rejects with a `CostlaneError`. */
export interface ControlDocuments {
  /** Replaces the fields given; null takes one away. Gives the whole. */
  merge(kind: ControlKind, id: string, fields: object): Promise<AdminDocument>;
  /** `invalid_request` where the id was ever used, or there are `maxLive` already. */
  create(kind: ControlKind, id: string, body: object, maxLive: number): Promise<AdminDocument>;
  /** `not_found` where there is none. */
  remove(kind: ControlKind, id: string): Promise<AdminDocument>;
  /** Removed ones too; undefined: never there. */
  get(kind: ControlKind, id: string): Promise<AdminDocument | undefined>;
  /** By id, removed ones too. */
  list(kind: ControlKind): Promise<AdminDocument[]>;
}

/** What experiments have shown. */
export interface ExperimentReports {
  /** Of one tenant's requests; undefined: of all. */
  report(id: string, tenantId: string | undefined): Promise<unknown>;
  /** Whether the request took part in an experiment. `value`: 0 wrong to 1 right. */
  recordFeedback(feedback: RecordFeedbackRequest): Promise<boolean>;
}

/** The router's catalog; replies are as its own HTTP doors give them. */
export interface CatalogAdmin {
  show(): Promise<unknown>;
  staged(): Promise<unknown>;
  approve(id: string): Promise<unknown>;
  reject(id: string): Promise<unknown>;
  refresh(): Promise<unknown>;
}

const LEDGER = 'cost-attribution';
const channelOptions = { 'grpc.max_receive_message_length': 64 * 1024 * 1024 };
/** A list of prices comes from far away. */
const REFRESH_TIMEOUT_MS = 45_000;
const REPORT_TIMEOUT_MS = 30_000;

export function createControlDocuments(address: string): ControlDocuments & { close(): void } {
  const client = new ControlServiceClient(address, credentials.createInsecure(), channelOptions);
  const put = async (request: PutControlRequest): Promise<AdminDocument> =>
    toDocument(await askService<PutControlRequest, ControlDocument>((...args) => client.put(...args), request, LEDGER));
  return {
    merge: (kind, id, fields) =>
      put({ kind, id, json: JSON.stringify(fields), mode: ControlPutMode.CONTROL_PUT_MODE_MERGE, maxLive: 0 }),
    create: (kind, id, body, maxLive) =>
      put({ kind, id, json: JSON.stringify(body), mode: ControlPutMode.CONTROL_PUT_MODE_CREATE, maxLive }),
    async remove(kind, id) {
      const request = { kind, id };
      return toDocument(
        await askService<RemoveControlRequest, ControlDocument>((...args) => client.remove(...args), request, LEDGER),
      );
    },
    async get(kind, id) {
      const request = { kind, id };
      const { document } = await askService<GetControlRequest, GetControlReply>(
        (...args) => client.get(...args),
        request,
        LEDGER,
      );
      return document && toDocument(document);
    },
    async list(kind) {
      const request = { kind, withDeleted: true };
      const { documents } = await askService<ListControlRequest, ListControlReply>(
        (...args) => client.list(...args),
        request,
        LEDGER,
      );
      return documents.map(toDocument);
    },
    close: () => client.close(),
  };
}

export function createExperimentReports(address: string): ExperimentReports & { close(): void } {
  const client = new ExperimentServiceClient(address, credentials.createInsecure(), channelOptions);
  return {
    async report(id, tenantId = '') {
      const { json } = await askService<ExperimentReportRequest, ExperimentReportReply>(
        (...args) => client.report(...args),
        { id, tenantId },
        LEDGER,
        REPORT_TIMEOUT_MS,
      );
      return JSON.parse(json) as unknown;
    },
    async recordFeedback(feedback) {
      const { isKnown } = await askService<RecordFeedbackRequest, RecordFeedbackReply>(
        (...args) => client.recordFeedback(...args),
        feedback,
        LEDGER,
      );
      return isKnown;
    },
    close: () => client.close(),
  };
}

export function createCatalogAdmin(address: string): CatalogAdmin & { close(): void } {
  const client = new CatalogServiceClient(address, credentials.createInsecure(), channelOptions);
  const read = async (reply: Promise<CatalogReply>): Promise<unknown> => JSON.parse((await reply).json) as unknown;
  return {
    show: () => read(askService<CatalogRequest, CatalogReply>((...args) => client.show(...args), {}, 'router')),
    staged: () => read(askService<CatalogRequest, CatalogReply>((...args) => client.staged(...args), {}, 'router')),
    approve: (id) =>
      read(askService<StagedPriceRequest, CatalogReply>((...args) => client.approve(...args), { id }, 'router')),
    reject: (id) =>
      read(askService<StagedPriceRequest, CatalogReply>((...args) => client.reject(...args), { id }, 'router')),
    refresh: () =>
      read(
        askService<CatalogRequest, CatalogReply>(
          (...args) => client.refresh(...args),
          {},
          'router',
          REFRESH_TIMEOUT_MS,
        ),
      ),
    close: () => client.close(),
  };
}

const toDocument = ({ id, json, version, isDeleted, updatedAt }: ControlDocument): AdminDocument => ({
  id,
  body: JSON.parse(json) as Record<string, unknown>,
  version,
  isDeleted,
  updatedAt,
});
