import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { readSse, waitFor } from '@costlane/testing';
import { doorsUnderTest, fresh, post, type Doors } from '../doors/doors-under-test';
import { ask, soon, tenantWith } from './routed';

const found = doorsUnderTest();
const doors = found as Doors;
const { COSTLANE_E2E_CONTROL: control } = process.env;

/** An address, a card and a key that nobody else's spec uses. */
const email = `jane.${randomUUID().slice(0, 8)}@example.com`;
const card = '4111 1111 1111 1111';
const secret = `sk-proj-${randomUUID().replaceAll('-', '')}`;
const withEmail = (): string => fresh(`Write a short letter to ${email}.`);

(found?.adminKey ? describe : describe.skip)('requests with personal data or secrets', () => {
  it('are refused under the rule to block, within 2 s of its being set, whatever door they come through', async () => {
    const { key } = await tenantWith(doors, { data_policy: 'block' });
    const refused = await soon(
      () => ask(doors, withEmail(), { key }),
      ({ status }) => status === 403,
    );
    expect(refused.errorCode).toBe('sensitive_data');
    const headers = { authorization: `Bearer ${key}` };
    const bodies: [string, object][] = [
      ['/v1/inference', { prompt: `My card is ${card}` }],
      ['/v1/messages', { model: 'auto', max_tokens: 9, messages: [{ role: 'user', content: `Call ${email}` }] }],
      ['/v1/responses', { model: 'auto', input: `The key is ${secret}` }],
      ['/v1/embeddings', { model: 'text-embedding-3-small', input: `Find ${email}` }],
    ];
    for (const [door, body] of bodies) {
      const response = await post(`${doors.url}${door}`, body, headers);
      expect([door, response.status, (await response.text()).includes(email)]).toEqual([door, 403, false]);
    }
    expect((await ask(doors, fresh('Write a short letter.'), { key })).status).toBe(200);
  });

  it.each([false, true])(
    'leave without their values under the rule to redact, and get them back (stream: %s)',
    async (stream) => {
      const { key } = await tenantWith(doors, { data_policy: 'redact' });
      const received = await soon(
        () => receivedByProvider(fresh(`Write to ${email} and ${card} [[mock: echo=1]]`), key),
        (body) => body.includes('[EMAIL_1]'),
      );
      expect(received).not.toContain(email);
      expect(received).not.toContain(card);
      const prompt = fresh(`Write to ${email}, key ${secret} [[mock: answer=parrot; chunks=40]]`);
      const routed = await ask(doors, prompt, { key, stream });
      expect(routed.text).toBe(prompt);
    },
  );

  it('go to secure models only under that rule, of which there is none here, and to no other', async () => {
    const { key } = await tenantWith(doors, { data_policy: 'secure_model' });
    const refused = await soon(
      () => ask(doors, withEmail(), { key }),
      ({ status }) => status !== 200,
    );
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect((await ask(doors, withEmail(), { key, model: 'mock-economy' })).status).toBe(403);
    expect((await ask(doors, fresh('Write a short letter.'), { key })).status).toBe(200);
  });

  it('are kept in no cache, and share no call with others', async () => {
    const prompt = withEmail();
    expect((await ask(doors, prompt)).tier).toBe('miss');
    expect((await ask(doors, prompt)).tier).toBe('miss');
    const slow = `${prompt} [[mock: latencyMs=200]]`;
    const both = await Promise.all([ask(doors, slow), ask(doors, slow)]);
    expect(both.map(({ tier }) => tier)).toEqual(['miss', 'miss']);
  });

  it('leave nothing of it in any service’s log', async () => {
    await ask(doors, `${withEmail()} [[mock: status=400]]`);
    await post(`${doors.url}/v1/chat/completions`, `{"model":"auto","messages":[{"role":"user","content":"${email}"}`);
    const folder = path.join(path.dirname(control ?? ''), 'logs');
    const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
    expect(files.length).toBeGreaterThan(5);
    await waitFor(() => files.some((name) => readFileSync(path.join(folder, name), 'utf8').length > 0));
    for (const name of files) {
      const text = readFileSync(path.join(folder, name), 'utf8');
      for (const value of [email, secret, card.replaceAll(' ', '')])
        expect([name, text.includes(value)]).toEqual([name, false]);
    }
  });

  /** The body that came to the provider: a stream tells it beside the answer, where nothing is put back. */
  async function receivedByProvider(content: string, key: string): Promise<string> {
    const body = { model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content }] };
    const response = await post(`${doors.url}/v1/chat/completions`, body, { authorization: `Bearer ${key}` });
    const echoes: string[] = [];
    for await (const { data } of readSse(response)) if (data.includes('mock_echo')) echoes.push(data);
    return echoes.join('');
  }
});
