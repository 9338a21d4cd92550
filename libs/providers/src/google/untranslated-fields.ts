import {
  always,
  isEmpty,
  isFalse,
  isTextOnly,
  isZero,
  never,
  type UntranslatedFields,
} from '../translation/untranslated-fields';

/** Fields with a translation; `top_k` and `safety_settings` are Google's own and pass as they are. */
export const translatedFields: ReadonlySet<string> = new Set(
  [
    'model messages max_tokens max_completion_tokens temperature top_p top_k stop stream stream_options tools tool_choice',
    'parallel_tool_calls response_format reasoning_effort service_tier seed frequency_penalty presence_penalty safety_settings',
  ].flatMap((names) => names.split(' ')),
);

/** Fields without a translation, and the values of them that ask for nothing and need none. */
export const untranslatedFields: UntranslatedFields = {
  n: [(value) => value === 1, 'one answer a request is given for Gemini; ask n times.'],
  logprobs: [isFalse, 'log probabilities are not offered for Gemini.'],
  top_logprobs: [isZero, 'log probabilities are not offered for Gemini.'],
  logit_bias: [isEmpty, 'Gemini takes no bias of tokens.'],
  modalities: [isTextOnly, 'Gemini is asked for text only.'],
  audio: [never, 'Gemini is asked for text only.'],
  prediction: [never, 'Gemini takes no predicted output.'],
  web_search_options: [never, 'a search of the web is not offered for Gemini.'],
  verbosity: [(value) => value === 'medium', 'Gemini takes no verbosity; ask for it in the prompt.'],
  store: [isFalse, 'Google stores no completions.'],
  metadata: [isEmpty, 'Google stores no completions that it could describe.'],
  functions: [never, 'use tools instead.'],
  function_call: [never, 'use tool_choice instead.'],
  // These say how OpenAI's cache is to be used; Gemini's needs no words.
  prompt_cache_key: [always, ''],
  prompt_cache_retention: [always, ''],
  // And these whom OpenAI may hold to account; they ask nothing of the answer, and Google takes no such name.
  user: [always, ''],
  safety_identifier: [always, ''],
};
