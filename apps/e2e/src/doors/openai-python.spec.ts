import path from 'node:path';
import { runOpenAiScript, SETUP_TIMEOUT_MS } from '../support/python-client';
import { doorsUnderTest } from './doors-under-test';

const doors = doorsUnderTest();
const script = path.join(__dirname, 'openai_client.py');
const TIMEOUT_MS = 60_000;

(doors ? describe : describe.skip)('the official openai client for Python, with another base URL', () => {
  it(
    'gets completions, streams, tool calls, choices, models and errors',
    async () => {
      const found = await runOpenAiScript(script, doors?.url ?? '', TIMEOUT_MS);
      if (found === undefined) return;
      expect(found).toEqual({
        text: expect.stringMatching(/./),
        cost_usd: expect.stringMatching(/^0\.\d{9}$/),
        streamed_text: expect.stringMatching(/./),
        streamed_usage: expect.any(Number),
        tool: 'weather',
        choices: 2,
        image_passed: true,
        unknown_passed: { deep: [1, null] },
        models: true,
        errors: [
          'BadRequestError:invalid_request',
          'NotFoundError:model_not_found',
          'AuthenticationError:invalid_api_key',
        ],
      });
    },
    SETUP_TIMEOUT_MS + TIMEOUT_MS,
  );
});
