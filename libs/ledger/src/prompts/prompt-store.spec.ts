import { Writable } from 'node:stream';
import type { CompletionRecord } from '@costlane/contracts';
import { createLogger } from '@costlane/platform';
import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { PROMPT_LIMIT_BYTES } from './cut-prompt';

const DAY_MS = 86_400_000;
const words = 'SECRET-WORDS of the tenant';
const withPrompt = (requestId: string, changes: Partial<CompletionRecord> = {}): CompletionRecord =>
  sampleRecord({ requestId, prompt: { text: words, retentionDays: 30 }, ...changes });

describeWithPostgres('stored prompts', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  const stored = async () =>
    (await test.rows<{ id: string }>('SELECT request_id AS id FROM stored_prompts ORDER BY 1')).map(({ id }) => id);

  it('are those of records that bring one, for as long as they say', async () => {
    const createdAtMs = Date.now() - 3 * DAY_MS;
    await test.ledger.record([withPrompt('req_1', { createdAtMs }), sampleRecord({ requestId: 'req_2' })]);
    expect(await stored()).toEqual(['req_1']);
    expect(await test.ledger.prompts.find('acme', 'req_1')).toEqual({
      requestId: 'req_1',
      createdAt: new Date(createdAtMs),
      expiresAt: new Date(createdAtMs + 30 * DAY_MS),
      text: words,
      isCut: false,
    });
  });

  it('are found by their own tenant only', async () => {
    await test.ledger.record([withPrompt('req_1')]);
    expect(await test.ledger.prompts.find('globex', 'req_1')).toBeUndefined();
  });

  it('are cut to 64 KB and hold no NUL', async () => {
    await test.ledger.record([withPrompt('req_1', { prompt: { text: `\0${'é'.repeat(40_000)}`, retentionDays: 1 } })]);
    const found = await test.ledger.prompts.find('acme', 'req_1');
    expect(found).toMatchObject({ isCut: true, text: 'é'.repeat(PROMPT_LIMIT_BYTES / 2) });
  });

  it('are not kept where their time is over already, or is no time', async () => {
    await test.ledger.record([
      withPrompt('req_old', { createdAtMs: Date.now() - 31 * DAY_MS }),
      withPrompt('req_none', { prompt: { text: words, retentionDays: 0 } }),
      withPrompt('req_odd', { prompt: { text: words, retentionDays: NaN } }),
      withPrompt('req_no_text', { prompt: { text: 7 as unknown as string, retentionDays: 3 } }),
    ]);
    expect(await stored()).toEqual([]);
    expect((await test.ledger.summary()).requests).toBe(4);
  });

  it('do not come back once removed, when their records are delivered again', async () => {
    const records = ['req_1', 'req_2'].map((id) => withPrompt(id));
    await test.ledger.record(records);
    expect(await test.ledger.prompts.forget('acme')).toBe(2);
    await test.ledger.record([...records, withPrompt('req_3')]);
    expect(await stored()).toEqual(['req_3']);
  });

  it('are removed for one tenant and for no other, however many they are', async () => {
    const many = Array.from({ length: 1_100 }, (_, i) => withPrompt(`req_${i}`));
    await test.ledger.record([...many, withPrompt('req_other', { tenantId: 'globex' })]);
    expect(await test.ledger.prompts.forget('acme')).toBe(1_100);
    expect(await stored()).toEqual(['req_other']);
  });

  it('are removed once their time is over, not before', async () => {
    const many = Array.from({ length: 600 }, (_, i) => withPrompt(`req_${i}`));
    await test.ledger.record(many);
    await test.rows(`UPDATE stored_prompts SET expires_at = now() - interval '1 second' WHERE request_id <> 'req_7'`);
    expect(await test.ledger.prompts.find('acme', 'req_8')).toBeUndefined();
    expect(await test.ledger.prompts.removeExpired()).toBe(599);
    expect(await stored()).toEqual(['req_7']);
  });

  it('are removed by several at once without waiting for each other', async () => {
    await test.ledger.record(Array.from({ length: 1_000 }, (_, i) => withPrompt(`req_${i}`)));
    const another = test.another();
    const removed = await Promise.all([test.ledger, another].map(({ prompts }) => prompts.forget('acme')));
    const left = await test.ledger.prompts.forget('acme');
    expect(removed.reduce((sum, count) => sum + count, left)).toBe(1_000);
  });

  it('stop being removed when they are told to', async () => {
    await expect(test.ledger.prompts.removeExpired(AbortSignal.abort())).rejects.toThrow();
  });

  it('are neither in what is rejected nor in the log', async () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const logger = createLogger({ service: 'test', level: 'trace', destination: sink });
    const ledger = test.another({ logger });
    await test.rows(`ALTER TABLE llm_requests ADD CONSTRAINT no_poison CHECK (request_id <> 'poison') NOT VALID`);
    const outcome = await ledger.record([
      withPrompt('poison'),
      withPrompt('unsound', { paidNanoUsd: -1 }),
      withPrompt('sound'),
    ]);
    expect(outcome).toMatchObject({ inserted: 1, rejected: 2 });
    const rejected = await test.rows('SELECT * FROM rejected_completions');
    expect(rejected).toHaveLength(2);
    expect(JSON.stringify(rejected)).not.toContain('SECRET');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('')).not.toContain('SECRET');
    expect(await stored()).toEqual(['sound']);
  });
});
