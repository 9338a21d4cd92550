import fc from 'fast-check';
import type { StoredItem } from '@costlane/ledger';
import { ndjson } from './ndjson';

const item = (index: number): StoredItem => ({ index, state: 'succeeded', attempts: 1, isDead: false, costNanoUsd: 0 });

describe('results as NDJSON', () => {
  it("are the items, one a line, whatever the pages and the JSON's own line ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.jsonValue(), { maxLength: 4 })),
        fc.constantFrom(0, 2),
        async (pages, indent) => {
          const values = pages.flat();
          let next = 0;
          async function* stream(): AsyncGenerator<StoredItem[]> {
            for (const page of pages) yield page.map(() => item(next++));
          }
          const chunks: Buffer[] = [];
          const render = ({ index }: StoredItem): string => JSON.stringify(values[index], undefined, indent);
          for await (const chunk of ndjson(stream(), render)) chunks.push(chunk);
          const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
          expect(lines.map((line) => JSON.stringify(JSON.parse(line)))).toEqual(
            values.map((value) => JSON.stringify(value)),
          );
        },
      ),
    );
  });

  it('are not read ahead of their reader', async () => {
    let asked = 0;
    async function* stream(): AsyncGenerator<StoredItem[]> {
      for (;;) {
        asked += 1;
        yield [item(asked)];
      }
    }
    const lines = ndjson(stream(), ({ index }) => String(index));
    expect(String((await lines.next()).value)).toBe('1\n');
    expect(String((await lines.next()).value)).toBe('2\n');
    expect(asked).toBe(2);
    await lines.return();
  });
});
