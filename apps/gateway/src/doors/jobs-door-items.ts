import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError } from '@costlane/domain';
import type { Caller } from '../core/inference-request';
import { readInference } from '../dialects/costlane/read-request';
import type { InferenceInput } from '../dialects/costlane/request-schema';
import type { SubmittedRequest } from '../jobs/job-service';
import { batchItemSchema } from './jobs-door-schemas';
import { controlsFromHeaders, steeringHeaders, type RequestControls } from './request-controls';
import { withClaims } from './tenant-of';

export interface ItemReaderOptions {
  caller: Caller;
  /** Of the request that brings the items: they steer each of them. */
  headers: IncomingHttpHeaders;
  defaults: RequestControls;
  isKeyRequired: boolean;
}

/** Where an item stands among others, for errors: its index, and in words (`Line 4`). */
export interface ItemPlace {
  index: number;
  words: string;
}

/** Makes an item of what a client sends. Throws what is wrong with it, with its place where it has one. */
export type ItemReader = (value: unknown, place?: ItemPlace) => SubmittedRequest;

const ENDPOINT = '/v1/inference';
const customIdSchema = batchItemSchema.shape.custom_id;

/** Throws what is wrong with the headers. */
export function createItemReader({ caller, headers, defaults, isKeyRequired }: ItemReaderOptions): ItemReader {
  const { useCache } = controlsFromHeaders(headers, defaults);
  const steering = steeringHeaders(headers);
  const { tenantId, teamId, userId, keyId, role } = caller;
  const itemCaller = { tenantId, teamId, userId, keyId, role };
  return (value, place) => {
    try {
      if (!isObject(value)) throw invalid('', 'has to be a JSON object');
      const { custom_id: customId, ...rest } = value;
      const id = customIdSchema.safeParse(customId);
      if (!id.success) throw invalid('custom_id', id.error.issues[0]?.message ?? 'is not valid');
      const input = readInference(rest);
      requireWhole(input);
      withClaims(caller, input.metadata, isKeyRequired);
      return {
        customId: id.data,
        isShared: useCache && input.use_cache !== false,
        request: {
          v: 1,
          endpoint: ENDPOINT,
          caller: itemCaller,
          headers: steering,
          body: Buffer.from(JSON.stringify(input)),
        },
      };
    } catch (error) {
      throw place === undefined ? error : placed(error, place);
    }
  };
}

/** A job has its answer as a whole. */
function requireWhole({ stream }: InferenceInput): void {
  if (stream === true) throw invalid('stream', 'has to be false or absent; a job has its answer as a whole');
}

/**
 * The job of an idempotency key: the same for the same tenant and door, another for every other one. Undefined without a key.
 * @throws CostlaneError `invalid_request` for a key of more than 256 characters
 */
export function jobIdOf(
  prefix: 'batch_' | 'job_',
  tenantId: string,
  key: string | string[] | undefined,
): string | undefined {
  if (key === undefined) return undefined;
  const text = String(key);
  if (text === '' || text.length > 256)
    throw new CostlaneError('invalid_request', 'Header "idempotency-key" has to be 1 to 256 characters.', {
      field: 'idempotency-key',
    });
  return (
    prefix +
    createHash('sha256')
      .update(JSON.stringify([prefix, tenantId, text]))
      .digest('hex')
      .slice(0, 24)
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (field: string, why: string): CostlaneError =>
  new CostlaneError('invalid_request', field === '' ? `The request ${why}.` : `Field "${field}": ${why}.`, { field });

/** The error with the place of its item in front. */
function placed(error: unknown, { index, words }: ItemPlace): unknown {
  if (!(error instanceof CostlaneError)) return error;
  const { code, message, field = '' } = error;
  return new CostlaneError(code, `${words}: ${message}`, {
    field: field === '' ? `requests[${index}]` : `requests[${index}].${field}`,
  });
}
