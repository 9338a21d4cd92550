import { z } from 'zod';
import { isGiven, refuseField } from '../openai-answers/refuse-field';
import { parseJson, validate } from '../openai-chat/parse-request';

/** What must hold before a provider is asked. Fields that are not named here mean the same in a chat and go along. */
const completionsSchema = z.looseObject({
  model: z.string().max(256).optional(),
  prompt: z.unknown().optional(),
  max_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.number().int().min(1).max(128).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  echo: z.boolean().nullish(),
  best_of: z.number().int().min(1).nullish(),
});

export type CompletionsRequest = z.infer<typeof completionsSchema> & { prompt: string };

/**
 * JSON and shape of a request to the old completions API. Throws `invalid_json`, or `invalid_request` that names the field; the latter also
 * for what a chat model cannot do.
 */
export function parseCompletionsRequest(body: Buffer): CompletionsRequest {
  const request = validate(completionsSchema, parseJson(body));
  const isChat = 'requests to this API are answered by chat models, which';
  if (isGiven(request['suffix'])) refuseField('suffix', `${isChat} cannot fill a gap in a text.`);
  if (request.echo === true) refuseField('echo', `${isChat} do not repeat the prompt.`);
  if ((request.best_of ?? 1) > 1) refuseField('best_of', `${isChat} give their answers as they are; ask with "n".`);
  if (isGiven(request['logprobs'])) {
    refuseField('logprobs', `${isChat} tell probabilities in another form: ask /v1/chat/completions.`);
  }
  return { ...request, prompt: promptOf(request.prompt) };
}

function promptOf(prompt: unknown): string {
  const [only, ...others] = Array.isArray(prompt) ? (prompt as unknown[]) : [prompt];
  if (typeof only === 'number' || Array.isArray(only)) {
    refuseField('prompt', 'tokens of one model mean nothing to another; send the text.');
  }
  if (others.length > 0) refuseField('prompt', 'only one prompt a request; send the others by themselves.');
  if (typeof only !== 'string' || only === '') refuseField('prompt', 'has to be a text that is not empty.');
  return only;
}
