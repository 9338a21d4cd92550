import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { waitFor } from '@costlane/testing';
import { adminHeaders, doorsUnderTest, envelopeOf, fresh, newKey, post, type Doors } from '../doors/doors-under-test';
import { prompts, setRules, tenantWith } from './routed';

const found = doorsUnderTest();
const doors = found as Doors;
const { COSTLANE_E2E_CONTROL: control } = process.env;
const users = Array.from({ length: 60 }, (_, at) => `user-${at}`);

interface Answer {
  user: string;
  isHoldout: boolean;
  status: number;
  tier: string | null;
  model: string | null;
  requestId: string;
}

async function ask(key: string, user: string, body: object, door = '/v1/chat/completions'): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, 'x-costlane-user': user };
  const response = await post(`${doors.url}${door}`, body, headers);
  await response.text();
  return {
    user,
    isHoldout: response.headers.get('x-costlane-holdout') === 'true',
    status: response.status,
    tier: response.headers.get('x-cache'),
    model: response.headers.get('x-model-used'),
    requestId: response.headers.get('x-request-id') ?? '',
  };
}
const chat = (content: string, more: object = {}): object => ({
  model: 'auto',
  messages: [{ role: 'user', content }],
  ...more,
});

/** Users of a tenant by group, once its share is in force. */
async function groupsOf(key: string): Promise<{ held: string[]; others: string[] }> {
  return waitFor(
    async () => {
      const answers = await Promise.all(users.map((user) => ask(key, user, chat(fresh(prompts.economy)))));
      const held = answers.filter(({ isHoldout }) => isHoldout).map(({ user }) => user);
      return held.length > 0 ? { held, others: users.filter((user) => !held.includes(user)) } : undefined;
    },
    { timeoutMs: 10_000 },
  );
}

(found?.adminKey ? describe : describe.skip)('users who are held out', () => {
  it('get the best model and no cache at every door, while the others get the cheapest that will do, and hits', async () => {
    const { key } = await tenantWith(doors, { holdout_share: 0.2 });
    const { held, others } = await groupsOf(key);
    // A fifth of sixty, give or take four standard deviations.
    expect(held.length).toBeLessThan(25);
    const question = fresh(prompts.economy);
    const [one, other] = [held[0] ?? '', others[0] ?? ''];
    const first = await ask(key, other, chat(question));
    expect(await ask(key, other, chat(question))).toMatchObject({ tier: 'memory', model: first.model });
    for (const body of [chat(question), chat(question), chat(question, { stream: true })]) {
      const answer = await ask(key, one, body);
      expect(answer).toMatchObject({ status: 200, isHoldout: true, tier: 'miss' });
      expect(answer.model).not.toBe(first.model);
    }
    const messages = [{ role: 'user', content: question }];
    const bodies: [string, object][] = [
      ['/v1/messages', { model: 'auto', max_tokens: 20, messages }],
      ['/v1/responses', { model: 'auto', input: question }],
      ['/v1/inference', { prompt: question }],
      ['/v1/embeddings', { model: 'text-embedding-3-small', input: question }],
    ];
    for (const [door, body] of bodies) {
      const answer = await ask(key, one, body, door);
      expect([door, answer.status, answer.isHoldout, answer.tier]).toEqual([door, 200, true, 'miss']);
      expect((await ask(key, other, body, door)).isHoldout).toBe(false);
    }
  });

  it('are nobody where a tenant opts out, and where no share is set', async () => {
    const { key } = await tenantWith(doors, { holdout_share: 0 });
    const answers = await Promise.all(users.map((user) => ask(key, user, chat(fresh(prompts.economy)))));
    expect(answers.filter(({ isHoldout }) => isHoldout)).toEqual([]);
  });
});

(found?.adminKey ? describe : describe.skip)('prompts', () => {
  const word = `word-${randomUUID()}`;
  const keptOf = (tenantId: string, { requestId }: Answer): Promise<Response> =>
    fetch(`${doors.url}/admin/prompts/${requestId}?tenant_id=${tenantId}`, { headers: adminHeaders(doors) });

  it('are kept nowhere unless their tenant asks for it, and then for misses and hits', async () => {
    const { key, tenantId } = await newKey(doors);
    const before = await ask(key, 'u', chat(`${word} before`));
    await setRules(doors, tenantId, { store_prompts: true, prompt_retention_days: 7 });
    const kept = await waitFor(
      async () => {
        const miss = await ask(key, 'u', chat(fresh(word)));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const response = await keptOf(tenantId, miss);
        return response.ok ? { miss, prompt: (await envelopeOf<{ prompt: string }>(response)).data.prompt } : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(kept.prompt).toContain(word);
    const { messages } = JSON.parse(kept.prompt) as { messages: object[] };
    const hit = await ask(key, 'u', chat('', { messages }));
    expect(hit.tier).toBe('memory');
    const ofHit = await waitFor(
      async () => {
        const response = await keptOf(tenantId, hit);
        return response.ok ? (await envelopeOf<{ prompt: string }>(response)).data.prompt : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(JSON.parse(ofHit)).toEqual(JSON.parse(kept.prompt));
    expect((await keptOf(tenantId, before)).status).toBe(404);
  });

  it('are in no log, kept or not', () => {
    const folder = path.join(path.dirname(control ?? ''), 'logs');
    const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files)
      expect([name, readFileSync(path.join(folder, name), 'utf8').includes(word)]).toEqual([name, false]);
  });
});
