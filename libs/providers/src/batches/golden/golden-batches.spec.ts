import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '@costlane/contracts';
import { costOfUsage, type ErrorCode, type TokenUsage } from '@costlane/domain';
import { priceOf, reckon, type GoldenCase } from '../../golden/read-golden';
import { readResultLine as readAnthropicLine } from '../anthropic/read-result';
import { readResultLine as readOpenAiLine } from '../openai/read-result';
import type { BatchItemResult } from '../provider-batches';

/** A line of results as a provider sends it, and what it comes to. */
interface GoldenLine {
  file: string;
  customId: string;
  dialect: Dialect;
  price: string;
  request?: object;
  usage: TokenUsage;
  costNanoUsd: number;
  reckoned: string;
  errorCode?: ErrorCode;
}

const read = (name: string): string => readFileSync(join(__dirname, name), 'utf8');
const cases = JSON.parse(read('cases.json')) as GoldenLine[];

function outcomesOf(file: string, dialect: Dialect, request?: object): Map<string, BatchItemResult['outcome']> {
  const readLine = file.startsWith('openai') ? readOpenAiLine : readAnthropicLine;
  const requestBodyOf = () => request && Buffer.from(JSON.stringify(request));
  const context = { provider: 'golden', apiKey: 'golden-secret', dialect, requestBodyOf };
  const lines = read(file).trimEnd().split('\n');
  const results = lines.map((line) => readLine(Buffer.from(line), context));
  return new Map(results.flatMap((result) => (result ? [[result.customId, result.outcome]] : [])));
}

const standardPrice = (name: string) => {
  const price = priceOf({ price: name } as GoldenCase);
  if (!price) throw new Error(`no price is called ${name}`);
  return price;
};

describe('lines of batch results', () => {
  it.each(cases.map((golden) => [`${golden.file}, ${golden.customId}`, golden] as const))(
    'cost half, to the nano-dollar: %s',
    (_name, golden) => {
      const outcome = outcomesOf(golden.file, golden.dialect, golden.request).get(golden.customId);
      expect(outcome).toMatchObject({ usage: golden.usage, usageSource: 'provider', serviceTier: 'batch' });
      expect(outcome?.ok === false ? outcome.error.code : undefined).toBe(golden.errorCode);
      const price = standardPrice(golden.price);
      const cost = costOfUsage(golden.usage, price, { serviceTier: 'batch' });
      expect(cost).toMatchObject({ totalNanoUsd: golden.costNanoUsd, assumptions: [] });
      expect(reckon(golden.reckoned)).toBe(golden.costNanoUsd);
      // Half of the list price, but for half a nano-dollar that each class of tokens may be rounded by.
      const whole = costOfUsage(golden.usage, price).totalNanoUsd;
      expect(Math.abs(whole - 2 * golden.costNanoUsd)).toBeLessThanOrEqual(6);
    },
  );

  it('keep every letter of an answer, in the dialect of the item', () => {
    const text = 'The Rhine, über Köln 🌊.';
    const chat = outcomesOf('openai-chat.jsonl', 'openai.chat').get('cached-and-reasoning');
    expect(JSON.parse(String(chat?.body))).toMatchObject({ choices: [{ message: { content: text } }] });
    const own = outcomesOf('anthropic.jsonl', 'anthropic.messages').get('written-for-minutes');
    expect(JSON.parse(String(own?.body))).toMatchObject({ type: 'message', content: [{ type: 'text', text }] });
    const translated = outcomesOf('anthropic.jsonl', 'openai.chat').get('written-for-minutes');
    expect(JSON.parse(String(translated?.body))).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1500, completion_tokens: 400 },
    });
  });

  it('have vectors as they came', () => {
    const outcome = outcomesOf('openai-embeddings.jsonl', 'openai.embeddings').get('vectors');
    expect(outcome).toMatchObject({ ok: true, isCacheable: true, usage: { freshInputTokens: 17, outputTokens: 0 } });
    expect(JSON.parse(String(outcome?.body))).toMatchObject({ data: [{ embedding: [0.01, -0.02] }, {}] });
  });

  it('say of what was not answered why, and that it costs nothing', () => {
    const facts = (outcome: BatchItemResult['outcome']) =>
      outcome.ok ? [] : [outcome.reason, outcome.error.code, outcome.isRetryable, outcome.usageSource];
    const errors = outcomesOf('openai-errors.jsonl', 'openai.chat');
    expect([...errors].map(([customId, outcome]) => [customId, ...facts(outcome)])).toEqual([
      ['rejected', 'rejected', 'model_not_found', false, 'none'],
      ['late', 'expired', 'deadline_exceeded', true, 'none'],
      ['cancelled', 'cancelled', 'cancelled', false, 'none'],
      ['lost', 'rejected', 'upstream_error', true, 'none'],
      ['with-our-key', 'rejected', 'upstream_auth_failed', false, 'none'],
    ]);
    const anthropic = outcomesOf('anthropic.jsonl', 'anthropic.messages');
    const failed = [...anthropic].filter(([, { ok, usage }]) => !ok && !usage);
    expect(failed.map(([customId, outcome]) => [customId, ...facts(outcome)])).toEqual([
      ['late', 'expired', 'deadline_exceeded', true, 'none'],
      ['too-long', 'rejected', 'context_length_exceeded', false, 'none'],
      ['overloaded', 'rejected', 'upstream_overloaded', true, 'none'],
      ['cancelled', 'cancelled', 'cancelled', false, 'none'],
    ]);
  });

  it('show errors of the request in the words of its dialect, and never our key', () => {
    const own = outcomesOf('anthropic.jsonl', 'anthropic.messages').get('too-long');
    expect(JSON.parse(String(own?.body))).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    const translated = outcomesOf('anthropic.jsonl', 'openai.chat').get('too-long');
    expect(JSON.parse(String(translated?.body))).toMatchObject({ error: { code: 'context_length_exceeded' } });
    const withKey = outcomesOf('openai-errors.jsonl', 'openai.chat').get('with-our-key');
    expect(withKey?.ok === false && withKey.error.message).toMatch(/credentials/);
    expect(JSON.stringify(withKey)).not.toContain('golden-secret');
  });

  it('are told from what is none', () => {
    const context = { provider: 'golden', apiKey: undefined, dialect: 'openai.chat' } as const;
    for (const line of [
      '',
      '{',
      '[]',
      '{}',
      '{"custom_id":"a"}',
      '{"custom_id":1,"result":{}}',
      '{"custom_id":"a","result":{"type":"new"}}',
    ]) {
      expect(readOpenAiLine(Buffer.from(line), context)).toBeUndefined();
      expect(readAnthropicLine(Buffer.from(line), context)).toBeUndefined();
    }
    const odd = '{"custom_id":"a","response":{"status_code":200,"body":{"object":"list"}},"error":null}';
    expect(readOpenAiLine(Buffer.from(odd), context)?.outcome).toMatchObject({ error: { code: 'upstream_malformed' } });
    const empty = '{"custom_id":"a","result":{"type":"succeeded","message":{"type":"message"}}}';
    expect(readAnthropicLine(Buffer.from(empty), context)?.outcome).toMatchObject({
      error: { code: 'upstream_malformed' },
    });
  });
});
