import fc from 'fast-check';

/** Fields of OpenAI's chat completion requests with values that clients set, good ones and bad. */
const png = 'data:image/png;base64,iVBORw0KGgo=';
const text = fc.constantFrom('', 'Hello.', 'What is "this"?\n', '日本語 👋');
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record({ url: fc.constantFrom(png, 'https://a.example/b.png', 'http://a.example/b.png', 'data:x') }),
  }),
  fc.record({ type: fc.constantFrom('input_audio', 'file', 'refusal'), file: fc.constant({ file_id: 'f' }) }),
);
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }), fc.constant(null));
const toolCall = fc.record({
  id: fc.constantFrom('call_1', 'call_2'),
  type: fc.constant('function'),
  function: fc.record({ name: fc.constant('look'), arguments: fc.constantFrom('', '{}', '{"a":1}', '[1]', '{"a"') }),
});
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer', 'user'), content }),
  fc.record({ role: fc.constant('assistant'), content }, { requiredKeys: ['role'] }),
  fc.record({ role: fc.constant('assistant'), tool_calls: fc.array(toolCall, { maxLength: 2 }) }),
  fc.record({ role: fc.constant('tool'), tool_call_id: fc.constantFrom('call_1', 'call_2'), content }),
  fc.record({ role: fc.constantFrom('function', 'robot', 'user'), content, name: fc.constant('n') }),
);
const tool = fc.record({
  type: fc.constantFrom('function', 'function', 'custom'),
  function: fc.record(
    { name: fc.constant('look'), parameters: fc.constantFrom({}, { type: 'object' }), strict: fc.boolean() },
    { requiredKeys: ['name'] },
  ),
});

/** Every other request has messages without a fault, so that its settings come to bear. */
const messages = fc.oneof(
  fc.constant([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is "this"? 日本語' },
  ]),
  fc.array(message, { minLength: 1, maxLength: 5 }),
);

const fields = {
  messages,
  max_tokens: fc.constantFrom(1, 4_096, null, 0),
  max_completion_tokens: fc.constantFrom(2_000, null),
  temperature: fc.constantFrom(0, 0.7, 1, 1.5, null),
  top_p: fc.constantFrom(0.5, 1, null),
  stop: fc.constantFrom('END', ['a', 'b'], '\n', [], null),
  stream: fc.boolean(),
  stream_options: fc.constantFrom({ include_usage: true }, null, { other: 1 }),
  tools: fc.array(tool, { maxLength: 2 }),
  tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', function: { name: 'look' } }, 'odd'),
  parallel_tool_calls: fc.boolean(),
  response_format: fc.constantFrom(
    { type: 'text' },
    { type: 'json_object' },
    { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' } } },
  ),
  reasoning_effort: fc.constantFrom('none', 'minimal', 'low', 'high', 'xhigh', 'much'),
  n: fc.constantFrom(1, 2),
  logprobs: fc.boolean(),
  seed: fc.constantFrom(1, null),
  frequency_penalty: fc.constantFrom(0, 1),
  logit_bias: fc.constantFrom({}, { '5': 1 }),
  user: fc.constantFrom('u', null),
  service_tier: fc.constantFrom('auto', 'default', 'flex'),
  modalities: fc.constantFrom(['text'], ['text', 'audio']),
  something_new: fc.constantFrom(null, 1),
};

type Field = keyof typeof fields;

/** Requests of a few fields, so that a fair share of them can be translated; all of them name one of the models. */
export const anyChatRequest = (models: readonly string[]): fc.Arbitrary<{ model: string } & Record<string, unknown>> =>
  fc
    .subarray(Object.keys(fields) as Field[], { maxLength: 4 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fields[name] as fc.Arbitrary<unknown>]))))
    .chain((some) =>
      fc.tuple(messages, fc.constantFrom(...models)).map(([said, model]) => ({ messages: said, ...some, model })),
    );
