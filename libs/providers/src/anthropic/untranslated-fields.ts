import { isObject, type JsonObject } from '../openai-compatible/json-object';
import { refuse } from './refuse';

/** Fields with a translation; `thinking`, `top_k`, `cache_control` and `output_config` are Anthropic's own and pass as they are. */
const translated = new Set(
  [
    'model messages max_tokens max_completion_tokens temperature top_p top_k stop stream stream_options tools tool_choice',
    'parallel_tool_calls response_format reasoning_effort thinking user safety_identifier service_tier cache_control output_config',
  ].flatMap((names) => names.split(' ')),
);

const isZero = (value: unknown): boolean => value === 0;
const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
const always = (): boolean => true;

/** Fields without a translation, and the values of them that ask for nothing and need none. */
const untranslated: Readonly<Record<string, readonly [asksNothing: (value: unknown) => boolean, why: string]>> = {
  n: [(value) => value === 1, 'Claude gives one answer a request; ask n times.'],
  logprobs: [(value) => value === false, 'Claude gives no log probabilities.'],
  top_logprobs: [isZero, 'Claude gives no log probabilities.'],
  logit_bias: [isEmpty, 'Claude takes no bias of tokens.'],
  frequency_penalty: [isZero, 'Claude has no such penalty.'],
  presence_penalty: [isZero, 'Claude has no such penalty.'],
  seed: [() => false, 'Claude takes no seed.'],
  modalities: [
    (value) => Array.isArray(value) && value.every((each) => each === 'text'),
    'Claude answers in text only.',
  ],
  audio: [() => false, 'Claude does not speak.'],
  prediction: [() => false, 'Claude takes no predicted output.'],
  web_search_options: [() => false, 'a search of the web is not offered for Claude.'],
  verbosity: [(value) => value === 'medium', 'Claude takes no verbosity; ask for it in the prompt.'],
  store: [(value) => value === false, 'Anthropic stores no completions.'],
  metadata: [isEmpty, 'Anthropic stores no completions that it could describe.'],
  functions: [() => false, 'use tools instead.'],
  function_call: [() => false, 'use tool_choice instead.'],
  // These two say how OpenAI's cache is to be used; Claude's is told by `cache_control`.
  prompt_cache_key: [always, ''],
  prompt_cache_retention: [always, ''],
};

/** Refuses every field of a request that has no translation and asks for something. */
export function refuseUntranslated(body: JsonObject): void {
  for (const [field, value] of Object.entries(body)) {
    if (value === null || translated.has(field)) continue;
    const known = Object.hasOwn(untranslated, field) ? untranslated[field] : undefined;
    if (!known) refuse(field, 'is not a field that can be translated for Claude; leave it out.');
    const [asksNothing, why] = known;
    if (!asksNothing(value)) refuse(field, why);
  }
}
