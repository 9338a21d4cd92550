import { CostlaneError } from '@costlane/domain';
import { readInference } from './read-request';

function refusal(value: unknown): { field?: string; message: string } {
  try {
    readInference(value);
  } catch (error) {
    if (error instanceof CostlaneError && error.code === 'invalid_request')
      return { field: error.field, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
}

describe('an inference request', () => {
  it('takes a prompt with every field of the contract', () => {
    const value = {
      prompt: 'Why?',
      max_tokens: 5,
      temperature: 0.5,
      priority: 'express',
      use_cache: false,
      cache_ttl_seconds: 60,
      preferred_model: 'gpt-4o',
      quality: 'high',
      task_type: 'chat',
      stream: true,
      idempotency_key: 'k-1',
      deadline_ms: 1_000,
      metadata: { user_id: 'u', team_id: 't', tenant_id: 'acme', feature_name: 'f', experiment_id: 'e', more: 1 },
    };
    expect(readInference(value)).toEqual(value);
  });

  it('takes messages instead of a prompt', () => {
    const value = { messages: [{ role: 'user', content: 'Why?' }] };
    expect(readInference(value)).toEqual(value);
  });

  it.each([
    [{}, 'prompt', 'is missing; send "prompt" or "messages"'],
    [{ prompt: 'a', messages: [{ role: 'user', content: 'b' }] }, 'messages', 'one of the two'],
    [{ prompt: 7 }, 'prompt', 'expected string'],
    [{ prompt: '' }, 'prompt', '>=1'],
    [{ prompt: 'a', max_tokens: 'many' }, 'max_tokens', 'expected number'],
    [{ prompt: 'a', max_tokens: 0 }, 'max_tokens', '>=1'],
    [{ prompt: 'a', temperature: 3 }, 'temperature', '<=2'],
    [{ prompt: 'a', priority: 'urgent' }, 'priority', 'express'],
    [{ prompt: 'a', quality: 'best' }, 'quality', 'low'],
    [{ prompt: 'a', cache_ttl_seconds: 0.5 }, 'cache_ttl_seconds', 'int'],
    [{ prompt: 'a', stream: 'yes' }, 'stream', 'expected boolean'],
    [{ prompt: 'a', idempotency_key: 'a\u0000b' }, 'idempotency_key', 'control characters'],
    [{ prompt: 'a', metadata: { tenant_id: '../etc' } }, 'metadata.tenant_id', 'letters, digits'],
    [{ prompt: 'a', metadata: { user_id: '\ud800' } }, 'metadata.user_id', 'control characters'],
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role', 'user'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role', ''],
    [{ messages: [] }, 'messages', '>=1'],
  ])('refuses %j and names %s', (value, field, words) => {
    const { field: named, message } = refusal(value);
    expect(named).toBe(field);
    expect(message).toContain(`"${field}"`);
    expect(message).toContain(words);
  });

  it('refuses a misspelt field and says which one was meant', () => {
    expect(refusal({ prompt: 'a', use_cach: false })).toEqual({
      field: 'use_cach',
      message: 'Field "use_cach": is not known here; did you mean "use_cache"?',
    });
  });

  it.each([[null], [[]], ['text'], [7]])('refuses %j, which is no object', (value) => {
    expect(refusal(value).message).toBe('The request has to be a JSON object.');
  });
});
