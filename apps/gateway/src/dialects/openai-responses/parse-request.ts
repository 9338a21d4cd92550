import { z } from 'zod';
import { isGiven, refuseField } from '../openai-answers/refuse-field';
import { parseJson, validate } from '../openai-chat/parse-request';

/** What must hold before a provider is asked. Fields that are not named here pass through untouched to one that speaks the dialect. */
const responsesSchema = z.looseObject({
  model: z.string().max(256).optional(),
  input: z.union([z.string(), z.array(z.looseObject({})).min(1)]).optional(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  include: z.array(z.string()).nullish(),
  text: z.looseObject({}).nullish(),
  reasoning: z.looseObject({}).nullish(),
});

export type ResponsesRequest = z.infer<typeof responsesSchema>;

const sendTheWholeInput =
  'responses are not kept, since all tenants of a deployment would share them; send the whole conversation as "input".';

/**
 * JSON and shape of a request to the Responses API. Throws `invalid_json`, or `invalid_request` that names the field; the latter also for
 * whatever rests on responses that the provider keeps.
 */
export function parseResponsesRequest(body: Buffer): ResponsesRequest {
  const request = validate(responsesSchema, parseJson(body));
  for (const field of ['previous_response_id', 'conversation']) {
    if (isGiven(request[field])) refuseField(field, sendTheWholeInput);
  }
  if (request.background === true) {
    refuseField(
      'background',
      'a response cannot be fetched later; leave it out and wait for the answer, or stream it.',
    );
  }
  if (request.input === undefined && !isGiven(request['prompt'])) {
    refuseField('input', 'is missing: it has to be a string or a list of items.');
  }
  if (Array.isArray(request.input)) {
    request.input.forEach((item, i) => {
      if (item['type'] === 'item_reference') refuseField(`input[${i}]`, sendTheWholeInput);
    });
  }
  return request;
}
