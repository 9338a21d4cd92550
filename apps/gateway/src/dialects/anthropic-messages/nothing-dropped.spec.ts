import { CostlaneError } from '@costlane/domain';
import fc from 'fast-check';
import { parseChatRequest } from '../openai-chat/parse-request';
import { parseMessageRequest } from './parse-message';
import { toChatBody } from './to-chat-body';

/** A word of its own for each thing that is said, so that it can be looked for in the translation. */
const word = fc.uuid().map((id) => `w-${id}`);
const words = /w-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const cacheMark = fc.constantFrom({}, { cache_control: { type: 'ephemeral' } });
const text = fc.tuple(word, cacheMark).map(([said, mark]) => ({ type: 'text', text: said, ...mark }));
const image = word.map((said) => ({ type: 'image', source: { type: 'url', url: `https://a/${said}` } }));
const call = fc.tuple(word, word).map(([id, city]) => ({ type: 'tool_use', id, name: 'look', input: { city } }));
const result = fc
  .tuple(word, fc.oneof(word, fc.array(text, { maxLength: 2 })), fc.boolean())
  .map(([id, content, isError]) => ({ type: 'tool_result', tool_use_id: id, content, is_error: isError }));
const odd = word.map((said) => ({ type: said.length % 2 ? 'document' : 'redacted_thinking', data: said }));

const userContent = fc.oneof(
  word,
  fc
    .tuple(fc.array(result, { maxLength: 2 }), fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }))
    .map((parts) => parts.flat()),
  fc.array(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: odd }), { minLength: 1, maxLength: 3 }),
);
const assistantContent = fc.oneof(word, fc.array(fc.oneof(text, call), { minLength: 1, maxLength: 3 }));
const turn = fc.tuple(userContent, assistantContent).map(([asked, said]) => [
  { role: 'user', content: asked },
  { role: 'assistant', content: said },
]);
const tool = fc
  .tuple(word, word)
  .map(([name, description]) => ({ name, description, input_schema: { type: 'object' } }));

const anyRequest = fc.record(
  {
    model: fc.constant('m'),
    max_tokens: fc.integer({ min: 1, max: 9_000 }),
    messages: fc
      .tuple(fc.array(turn, { maxLength: 3 }), userContent)
      .map(([turns, last]) => [...turns.flat(), { role: 'user', content: last }]),
    system: fc.oneof(word, fc.array(text, { maxLength: 2 })),
    tools: fc.array(tool, { maxLength: 2 }),
    tool_choice: fc.constantFrom({ type: 'auto' }, { type: 'any' }, { type: 'none', disable_parallel_tool_use: true }),
    stop_sequences: fc.array(word, { maxLength: 2 }),
    stream: fc.boolean(),
    temperature: fc.double({ min: 0, max: 1, noNaN: true }),
    metadata: fc.record({ user_id: word }),
    thinking: fc.constantFrom({ type: 'adaptive' }, { type: 'enabled', budget_tokens: 1_024 }, { type: 'disabled' }),
    output_config: fc.constantFrom({}, { effort: 'low' }),
    container: word,
  },
  { requiredKeys: ['model', 'max_tokens', 'messages'] },
);

describe('a Messages API request for a model that is not Claude', () => {
  it('is a chat completion request in which everything is said, or is refused by the name of a field', () => {
    let translated = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        let body: string;
        try {
          body = JSON.stringify(toChatBody(parseMessageRequest(Buffer.from(JSON.stringify(request)))));
        } catch (error) {
          if (!(error instanceof CostlaneError)) throw error;
          expect(error.code).toBe('invalid_request');
          expect(error.field).toEqual(expect.any(String));
          return;
        }
        translated++;
        expect(() => parseChatRequest(Buffer.from(body))).not.toThrow();
        for (const said of JSON.stringify(request).match(words) ?? []) expect(body).toContain(said);
      }),
      { numRuns: 400 },
    );
    expect(translated).toBeGreaterThan(20);
  });
});
