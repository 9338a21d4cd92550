import fc from 'fast-check';
import { csvLine, csvTable } from './csv';

/** Reads a table as RFC 4180 has it. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const [, raw = '', end] = cell.exec(text) ?? [];
    if (end === undefined) throw new Error(`not a table: ${text}`);
    row.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe('a table as CSV', () => {
  it('has its header also without a row, and quotes what has to be', () => {
    expect(csvTable(['a', 'b'], [])).toBe('a,b\r\n');
    expect(
      csvTable(
        ['a', 'b'],
        [
          { a: 'x, "y"\nz', b: null },
          { b: 1.5, a: true },
        ],
      ),
    ).toBe('a,b\r\n"x, ""y""\nz",\r\ntrue,1.5\r\n');
  });

  it.each(['=1+1', '+1', '-x', '@sum', '\tx', '\rx', '=HYPERLINK("http://evil","x")'])(
    'lets no spreadsheet run %j',
    (text) => {
      const [[cell = ''] = []] = parse(csvLine([text]));
      expect(cell).toBe(text === '+1' ? `'+1` : `'${text}`);
    },
  );

  it('leaves amounts below zero the numbers that they are', () => {
    expect(csvLine(['-0.000000001', -3])).toBe('-0.000000001,-3\r\n');
  });

  it('can be read back, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (cells) => {
        const [row = []] = parse(csvLine(cells));
        expect(row.map((cell, i) => (cell === `'${cells[i]}` ? cells[i] : cell))).toEqual(cells);
        for (const cell of row) expect(cell).not.toMatch(/^(?!-?\d+(\.\d+)?$)[=+\-@\t\r]/);
      }),
    );
  });
});
