import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CompletionRecord } from '@costlane/contracts';
import { waitFor } from '@costlane/testing';
import { sampleRecords } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const root = path.resolve(__dirname, '../../../..');

/** A process of its own that puts on record what comes on its standard input, a batch a line, and says which it has begun. */
const writer = `
  import { createInterface } from 'node:readline';
  import { loadSources } from './tools/lib/load-sources.mjs';
  const { createLedger, createLogger } = await loadSources({
    contents: "export { createLedger } from './libs/ledger/src/index'; export { createLogger } from './libs/platform/src/index';",
    external: 'packages',
  });
  const ledger = createLedger({ databaseUrl: process.env.WRITER_DATABASE_URL, logger: createLogger({ service: 'writer', level: 'silent' }) });
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    console.log('begun');
    await ledger.record(JSON.parse(line));
  }
  await ledger.close();`;

describeWithPostgres('a writer that is killed', () => {
  let test: TestLedger;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await test.end();
  });

  const onRecord = async () => (await test.ledger.summary()).requests;

  /** Starts the writer with batches to write, and kills it once it has begun so many and some milliseconds have passed. */
  async function killAfter(batches: readonly CompletionRecord[][], begun: number, waitMs: number): Promise<void> {
    child = spawn(process.execPath, ['--input-type=module', '-e', writer], {
      cwd: root,
      env: { PATH: process.env['PATH'], WRITER_DATABASE_URL: test.url },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.stdin?.on('error', () => undefined);
    let lines = 0;
    for await (const _line of createInterface({ input: child.stdout! })) {
      if (lines === 0) child.stdin?.write(batches.map((batch) => `${JSON.stringify(batch)}\n`).join(''));
      lines += 1;
      if (lines > begun) break;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    child.kill('SIGKILL');
    await ended;
  }

  it('in the middle of batches leaves each of them whole or not there, and nothing is missing or twice once they have come again', async () => {
    const records = sampleRecords(8_000, 'killed');
    const batches = Array.from({ length: 16 }, (_, i) => records.slice(i * 500, (i + 1) * 500));
    for (const [begun, waitMs] of [
      [1, 0],
      [2, 3],
      [4, 9],
    ] as const) {
      await killAfter(batches, begun, waitMs);
      // What the server had read by then it may still finish.
      await waitFor(
        async () =>
          (
            await test.rows(
              `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'costlane-ledger' AND state = 'active'`,
            )
          ).length === 0,
      );
      const found = await onRecord();
      expect(found % 500).toBe(0);
      expect(found).toBeLessThan(records.length);
      expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: found });
    }
    expect(await onRecord()).toBeGreaterThan(0);
    for (const batch of batches) await test.ledger.record(batch);
    const paidNanoUsd = records.reduce((sum, record) => sum + BigInt(record.paidNanoUsd), 0n);
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: records.length,
      paidNanoUsd,
      enteredNanoUsd: paidNanoUsd,
    });
  }, 120_000);
});
