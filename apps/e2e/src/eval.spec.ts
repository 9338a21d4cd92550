import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '@costlane/testing';
import { newTenant, stackUnderTest, type Stack } from './support/stack';

const stack = stackUnderTest();
const databaseUrl = process.env['DATABASE_URL'] ?? '';
const tools = path.resolve(__dirname, '../../../tools/eval');
const deadlineMs = 60_000;
const prompts = 50;

interface Described {
  name: string;
  auto: boolean;
  health: string;
}

interface Policy {
  name: string;
  costNanoUsd: number;
  tiers: Record<string, number>;
  failed: number;
}

interface Replay {
  report: { requests: number; outcomes: Record<string, number>; paidNanoUsd: number; cost: { likely: number } };
}

async function run<T>(script: string, args: readonly string[]): Promise<T> {
  const command = [path.join(tools, script), ...args, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as T;
}

(stack ? describe : describe.skip)('the evaluation of policies against the running system', () => {
  const tenantId = `eval-${Date.now()}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'costlane-eval-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** All that the system itself chooses from, so that both choose from the same. */
  let models: readonly string[] = [];
  let policies: readonly Policy[] = [];

  beforeAll(async () => {
    const { url } = stack as Stack;
    const key = await newTenant(stack as Stack, tenantId);
    const described = async (): Promise<Described[]> => {
      const reply = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${key}` } });
      return ((await reply.json()) as { data: { models: Described[] } }).data.models.filter(({ auto }) => auto);
    };
    // What other specs broke has to have healed: the system would go around it, and the forecast does not know.
    await waitFor(async () => (await described()).every(({ health }) => health === 'healthy'), { timeoutMs: 30_000 });
    models = (await described()).map(({ name }) => name);
    const args = ['--url', url, '--key', key, '--models', models.join(','), '--concurrency', '8'];
    ({ policies } = await run<{ policies: Policy[] }>('eval.mjs', args));
  }, deadlineMs);

  it('has no request fail', () => {
    expect(policies.length).toBeGreaterThan(10);
    expect(policies.filter(({ failed }) => failed > 0)).toEqual([]);
  });

  it('works out the same choices, at the same cost, as the system makes by itself', () => {
    const [live, offline] = ['auto, as it runs there', 'cost_optimal'].map((name) =>
      policies.find((policy) => policy.name === name),
    );
    expect(live?.costNanoUsd).toBeGreaterThan(0);
    expect(offline?.tiers).toEqual(live?.tiers);
    expect(offline?.costNanoUsd).toBeCloseTo(live?.costNanoUsd ?? 0, 3);
  });

  it(
    'replays what the ledger has of it: nothing changes under the policy that made the choices, and other thresholds cost less',
    async () => {
      const ledger = ['--database', databaseUrl, '--tenant', tenantId];
      const expected = (models.length + 1) * prompts;
      let same: Replay | undefined;
      await waitFor(
        async () => {
          same = await run<Replay>('replay-routing.mjs', ledger).catch(() => undefined);
          return same?.report.requests === expected;
        },
        { timeoutMs: 30_000, intervalMs: 500 },
      );
      expect(same?.report.outcomes).toMatchObject({ same: expected, changed: 0, unjudged: 0 });
      const policy = path.join(folder, 'policy.json');
      writeFileSync(policy, JSON.stringify({ settings: { standardFrom: 1, premiumFrom: 1, raiseFrom: 1 } }));
      const { report } = await run<Replay>('replay-routing.mjs', [...ledger, '--policy', policy]);
      expect(report.outcomes['changed']).toBeGreaterThan(0);
      expect(report.cost.likely).toBeLessThan(report.paidNanoUsd);
    },
    deadlineMs,
  );
});
