import { CostlaneError, nearestNames } from '@costlane/domain';
import type { z } from 'zod';
import { inferenceSchema, type InferenceInput } from './request-schema';

/** A validated inference request. Throws `invalid_request` that names the field and says what would be right. */
export function readInference(value: unknown): InferenceInput {
  const input = readShape(inferenceSchema, value);
  if (input.prompt !== undefined && input.messages !== undefined)
    throw invalid('messages', 'stands beside "prompt"; send one of the two');
  if (input.prompt === undefined && input.messages === undefined)
    throw invalid('prompt', 'is missing; send "prompt" or "messages"');
  return input;
}

/** Validates against a schema of ours. Throws `invalid_request` that names the first wrong field. */
export function readShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues;
  // A wrong value is told before an unknown name: it is the more certain mistake.
  const issue = issues.find(({ code }) => code !== 'unrecognized_keys') ?? issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const hint = nearestNames(key, knownFields(schema));
    const path = fieldPath([...issue.path, key]);
    throw invalid(path, `is not known here${hint.length > 0 ? `; did you mean "${hint[0]}"?` : ''}`);
  }
  const path = fieldPath(issue?.path ?? []);
  if (path === '') throw new CostlaneError('invalid_request', 'The request has to be a JSON object.');
  const isMissing = issue?.code === 'invalid_type' && /received undefined$/.test(issue.message);
  throw invalid(path, isMissing ? 'is missing' : lowered(issue?.message ?? 'is not valid'));
}

const invalid = (field: string, why: string): CostlaneError =>
  new CostlaneError('invalid_request', `Field "${field.slice(0, 200)}": ${why}${why.endsWith('?') ? '' : '.'}`, {
    field,
  });

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const knownFields = (schema: z.ZodType): string[] =>
  'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape) : [];

/** `messages[0].role` from a path. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
