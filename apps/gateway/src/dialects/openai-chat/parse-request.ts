import { CostlaneError } from '@costlane/domain';
import { z } from 'zod';
import { parsedBody } from '../../core/parsed-body';

const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()]).optional(),
});

/** What must hold before a provider is asked. Fields that are not named here pass through untouched. */
const chatSchema = z.looseObject({
  model: z.string().max(256).optional(),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.number().int().min(1).max(128).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
});

export type ChatRequest = z.infer<typeof chatSchema>;

/** JSON and shape of a chat completion request. Throws `invalid_json`, or `invalid_request` that names the field. */
export function parseChatRequest(body: Buffer): ChatRequest {
  return validate(chatSchema, parseJson(body));
}

/** A JSON document from a request body, not to be changed: others look at it after this one. Throws `invalid_json` with the place where it breaks. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0)
    throw new CostlaneError('invalid_json', 'The request body is empty; a JSON object is expected.');
  try {
    return parsedBody(body);
  } catch (error) {
    // V8 quotes a piece of the text in its message: the position alone says enough, and a prompt must not reach a log.
    const place = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new CostlaneError(
      'invalid_json',
      `The request body is not valid JSON${place ? ` (at position ${place})` : ''}.`,
    );
  }
}

/** Validates against a schema. Throws `invalid_request` that names the first wrong field and what would be right. */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = fieldPath(issue?.path ?? []);
  const message = issue?.message ?? 'is not valid';
  throw new CostlaneError(
    'invalid_request',
    field === '' ? `The request ${message}.` : `Field "${field}": ${message}.`,
    {
      field: field === '' ? undefined : field,
    },
  );
}

/** `messages[0].role` from a path. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
