import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  defaultInfrastructurePrices as prices,
  defaultInfrastructureUse as use,
  formatUsd,
  infrastructureCost,
  infrastructureParts,
  infrastructureRates,
  reservedCostPerHour,
} from '@costlane/domain';

const document = readFileSync(path.join(__dirname, '../../../../docs/infrastructure-cost.md'), 'utf8');

/** Last cells of a table's rows, by the first ones. */
function tableOf(mark: string): Record<string, string> {
  const text = new RegExp(`<!-- ${mark} -->([^]*)<!-- /${mark} -->`).exec(document)?.[1] ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return Object.fromEntries(
    rows.slice(2).map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    ),
  );
}

describe('docs/infrastructure-cost.md', () => {
  it('has an example that comes out as it says', () => {
    const rates = infrastructureRates(prices, use);
    const tokens = { inputTokens: 400, outputTokens: 200 };
    const facts = { work: 'miss', latencyMs: 800, ...tokens, isAnswerKept: true, isEmbedded: true } as const;
    const { cpu, memory, storage, embedding } = infrastructureParts(facts, rates);
    expect(tableOf('example')).toEqual({
      CPU: cpu.toFixed(1),
      memory: memory.toFixed(1),
      storage: storage.toFixed(1),
      embedding: embedding.toFixed(1),
      'on record, rounded once': String(infrastructureCost(facts, rates)),
    });
  });

  it('says rightly what is kept ready', () => {
    const rates = infrastructureRates(prices, use, { cpuCores: 4, memoryGb: 8, storageGb: 100 });
    expect(tableOf('reserved')).toEqual({ '4 cores, 8 GB, 100 GB': formatUsd(reservedCostPerHour(rates)) });
  });

  it('names the defaults', () => {
    for (const price of [prices.cpuUsdPerCoreHour, prices.memoryUsdPerGbHour, prices.storageUsdPerGbMonth])
      expect(document).toContain(` ${price} `);
    for (const [work, micros] of Object.entries(use.cpuMicros)) expect(document).toContain(`${work}=${micros}`);
    for (const bytes of [use.heldBytes, use.answerBytes, use.recordBytes])
      expect(document).toContain(` ${bytes.toLocaleString('en-US')}`);
  });
});
