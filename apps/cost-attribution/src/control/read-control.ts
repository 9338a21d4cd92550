import { ControlPutMode, type PutControlRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { controlKinds, MAX_DOCUMENTS, type ControlKind, type PutMode } from '@costlane/ledger';

const ID_LIMIT = 200;
/** Ten variants with long system prompts; a page of such documents stays below what one gRPC message may hold, 64 MiB. */
export const BODY_LIMIT_BYTES = 192 * 1_024;

// Control characters have no place in a name, and U+0000 cannot be stored.
const controlPattern = /[\p{Cc}\p{Cs}]/u;
// As JSON escapes it; a backslash before it would make it text.
const nulPattern = /(?<!\\)(?:\\\\)*\\u0000/;

const modes: Readonly<Record<number, PutMode>> = {
  [ControlPutMode.CONTROL_PUT_MODE_UNSPECIFIED]: 'replace',
  [ControlPutMode.CONTROL_PUT_MODE_CREATE]: 'create',
  [ControlPutMode.CONTROL_PUT_MODE_MERGE]: 'merge',
};

/** A document to be put. Throws `invalid_request` that names the field. */
export function readPut(request: PutControlRequest) {
  const mode = modes[request.mode];
  if (!mode) throw refusal('mode', 'mode must be one that this version knows.');
  if (!(request.maxLive >= 0)) throw refusal('max_live', 'max_live must be 0 or more.');
  return {
    kind: readKind(request.kind),
    id: readId(request.id),
    body: readBody(request.json),
    mode,
    maxLive: Math.min(request.maxLive === 0 ? MAX_DOCUMENTS : request.maxLive, MAX_DOCUMENTS),
  };
}

export function readKind(kind: string): ControlKind {
  const known = controlKinds.find((one) => one === kind);
  if (known) return known;
  throw refusal('kind', `kind must be one of ${controlKinds.join(', ')}.`);
}

export function readId(id: string): string {
  if (id === '' || id.length > ID_LIMIT || controlPattern.test(id))
    throw refusal('id', `id must be 1 to ${ID_LIMIT} characters without control characters.`);
  return id;
}

function readBody(json: string): object {
  if (Buffer.byteLength(json) > BODY_LIMIT_BYTES)
    throw refusal('json', `json must have at most ${BODY_LIMIT_BYTES} bytes.`);
  if (nulPattern.test(json)) throw refusal('json', 'json must not contain U+0000.');
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    throw refusal('json', 'json must be a JSON document.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refusal('json', 'json must be an object.');
  return body;
}

const refusal = (field: string, message: string): CostlaneError =>
  new CostlaneError('invalid_request', message, { field });
