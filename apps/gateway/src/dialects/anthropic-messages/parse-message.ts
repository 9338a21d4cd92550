import { z } from 'zod';
import { parseJson, validate } from '../openai-chat/parse-request';
import type { JsonObject } from './refuse-field';

const blocks = z.array(z.looseObject({ type: z.string() }));
const message = z.looseObject({ role: z.string(), content: z.union([z.string(), blocks]) });
const prompt = {
  /** Absent or "auto": the policy chooses. */
  model: z.string().max(256).optional(),
  messages: z.array(message).min(1),
  system: z.union([z.string(), blocks]).nullish(),
  tools: z.array(z.looseObject({})).nullish(),
};

/** What must hold before a provider is asked. Fields that are not named here go to Claude untouched. */
const messageSchema = z.looseObject({
  ...prompt,
  max_tokens: z.number().int().min(0),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  thinking: z.looseObject({ type: z.string() }).nullish(),
});

const countSchema = z.looseObject(prompt);

export type MessageRequest = z.infer<typeof messageSchema> & JsonObject;
export type CountRequest = z.infer<typeof countSchema>;

/** JSON and shape of a Messages API request. Throws `invalid_json`, or `invalid_request` that names the field. */
export const parseMessageRequest = (body: Buffer): MessageRequest => validate(messageSchema, parseJson(body));

/** The same for a request to count a prompt's tokens, which has no limit of the answer. */
export const parseCountRequest = (body: Buffer): CountRequest => validate(countSchema, parseJson(body));
