import {
  always,
  isEmpty,
  isFalse,
  isTextOnly,
  isZero,
  never,
  type UntranslatedFields,
} from '../translation/untranslated-fields';

/** Fields with a translation; `top_k`, `thinking` and `safety_mode` are Cohere's own and pass (`top_k` is `k` there). */
export const translatedFields: ReadonlySet<string> = new Set(
  [
    'model messages max_tokens max_completion_tokens temperature top_p top_k stop stream stream_options tools tool_choice',
    'parallel_tool_calls response_format reasoning_effort thinking safety_mode seed frequency_penalty presence_penalty logprobs',
  ].flatMap((names) => names.split(' ')),
);

const isStandardTier = (value: unknown): boolean => value === 'auto' || value === 'default';

/** Fields without a translation, and the values of them that ask for nothing and need none. */
export const untranslatedFields: UntranslatedFields = {
  n: [(value) => value === 1, 'one answer a request is given for Cohere; ask n times.'],
  top_logprobs: [isZero, 'Cohere gives log probabilities of the tokens that were chosen only.'],
  logit_bias: [isEmpty, 'Cohere takes no bias of tokens.'],
  modalities: [isTextOnly, 'Cohere is asked for text only.'],
  audio: [never, 'Cohere is asked for text only.'],
  prediction: [never, 'Cohere takes no predicted output.'],
  web_search_options: [never, 'a search of the web is not offered for Cohere.'],
  service_tier: [isStandardTier, 'Cohere has one tier; say auto or default, or leave it out.'],
  verbosity: [(value) => value === 'medium', 'Cohere takes no verbosity; ask for it in the prompt.'],
  documents: [
    never,
    'Cohere would cite documents, which has no place in an answer of this dialect; put them into the prompt.',
  ],
  store: [isFalse, 'Cohere stores no completions.'],
  metadata: [isEmpty, 'Cohere stores no completions that it could describe.'],
  functions: [never, 'use tools instead.'],
  function_call: [never, 'use tool_choice instead.'],
  // These say how OpenAI's cache is to be used; Cohere's needs no words.
  prompt_cache_key: [always, ''],
  prompt_cache_retention: [always, ''],
  // And these whom OpenAI may hold to account; they ask nothing of the answer, and Cohere takes no such name.
  user: [always, ''],
  safety_identifier: [always, ''],
};
