import {
  always,
  isEmpty,
  isFalse,
  isTextOnly,
  isZero,
  never,
  type UntranslatedFields,
} from '../translation/untranslated-fields';

/** Fields with a translation; `thinking`, `top_k`, `cache_control` and `output_config` are Anthropic's own and pass as they are. */
export const translatedFields = new Set(
  [
    'model messages max_tokens max_completion_tokens temperature top_p top_k stop stream stream_options tools tool_choice',
    'parallel_tool_calls response_format reasoning_effort thinking user safety_identifier service_tier cache_control output_config',
  ].flatMap((names) => names.split(' ')),
);

/** Fields without a translation, and the values of them that ask for nothing and need none. */
export const untranslatedFields: UntranslatedFields = {
  n: [(value) => value === 1, 'Claude gives one answer a request; ask n times.'],
  logprobs: [isFalse, 'Claude gives no log probabilities.'],
  top_logprobs: [isZero, 'Claude gives no log probabilities.'],
  logit_bias: [isEmpty, 'Claude takes no bias of tokens.'],
  frequency_penalty: [isZero, 'Claude has no such penalty.'],
  presence_penalty: [isZero, 'Claude has no such penalty.'],
  seed: [never, 'Claude takes no seed.'],
  modalities: [isTextOnly, 'Claude answers in text only.'],
  audio: [never, 'Claude does not speak.'],
  prediction: [never, 'Claude takes no predicted output.'],
  web_search_options: [never, 'a search of the web is not offered for Claude.'],
  verbosity: [(value) => value === 'medium', 'Claude takes no verbosity; ask for it in the prompt.'],
  store: [isFalse, 'Anthropic stores no completions.'],
  metadata: [isEmpty, 'Anthropic stores no completions that it could describe.'],
  functions: [never, 'use tools instead.'],
  function_call: [never, 'use tool_choice instead.'],
  // These two say how OpenAI's cache is to be used; Claude's is told by `cache_control`.
  prompt_cache_key: [always, ''],
  prompt_cache_retention: [always, ''],
};
