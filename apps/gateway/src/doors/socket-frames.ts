import { CostlaneError } from '@costlane/domain';
import { z } from 'zod';
import { readShape } from '../dialects/costlane/read-request';

const requestId = z.union([z.string().min(1).max(128), z.number().int()]);

const authFrame = z.strictObject({ type: z.literal('auth'), api_key: z.string().min(1).max(512) });
const cancelFrame = z.strictObject({ type: z.literal('cancel'), id: requestId });

/** Chosen by the client to tell its requests apart; comes back on every frame of the answer. */
export type FrameId = z.infer<typeof requestId>;

export type ClientFrame =
  | { kind: 'auth'; apiKey: string }
  | { kind: 'cancel'; id: FrameId }
  | { kind: 'request'; id: FrameId | undefined; fields: Record<string, unknown> };

/** A frame with what it says; throws `invalid_json` or `invalid_request` that names the field. */
export function readFrame(text: string): ClientFrame {
  const value = parse(text);
  const { type, id, ...fields } = value;
  if (type === 'auth') return { kind: 'auth', apiKey: readShape(authFrame, value).api_key };
  if (type === 'cancel') return { kind: 'cancel', id: readShape(cancelFrame, value).id };
  if (type !== undefined && type !== 'request')
    throw new CostlaneError('invalid_request', 'Field "type": has to be request, cancel or auth.', { field: 'type' });
  return { kind: 'request', id: readShape(z.object({ id: requestId.optional() }), { id }).id, fields };
}

/** The id of a frame that could not be taken, so that its error finds the request it is about. */
export function idOf(text: string): FrameId | undefined {
  try {
    return requestId.optional().catch(undefined).parse(parse(text)['id']);
  } catch {
    return undefined;
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CostlaneError('invalid_json', 'The frame is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CostlaneError('invalid_request', 'The frame has to be a JSON object.');
  return value as Record<string, unknown>;
}
