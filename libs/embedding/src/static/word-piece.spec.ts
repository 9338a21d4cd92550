import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { defaultModelFile } from './load-static-model';
import { readModelFile } from './model-file';
import { createWordPiece } from './word-piece';

/** Made by tools/static-model/tokenizer_fixture.py with the library that the original's tokenizer comes from; -1 is [UNK]. */
const fixture = readFileSync(path.join(__dirname, '../testing/word-pieces.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { text: string; ids: number[] });
const { pieces, unknownRows } = readModelFile(defaultModelFile());
const wordPiece = createWordPiece(pieces, unknownRows);
const encode = (text: string): number[] => [...wordPiece.encode(text)];
const spell = (text: string): (string | undefined)[] => encode(text).map((id) => pieces[id]);

describe('the tokenizer', () => {
  test('gives the ids of the original’s tokenizer for texts of all kinds, in any order', () => {
    expect(fixture.length).toBeGreaterThan(400);
    for (const rows of [fixture, [...fixture].reverse()]) {
      for (const { text, ids } of rows) {
        const found = encode(text).map((id) => (id >= pieces.length ? -1 : id));
        expect({ text, ids: found }).toEqual({ text, ids });
      }
    }
  });

  test('splits words into the longest pieces, without case and accents', () => {
    expect(spell('Résumé UNWILLINGNESS, o’clock')).toEqual(['resume', 'unwilling', '##ness', ',', 'o', '’', 'clock']);
  });

  test('takes the names of markers in a text for ordinary words', () => {
    expect(spell('[CLS] [SEP]')).toEqual(['[', 'cl', '##s', ']', '[', 'sep', ']']);
  });

  test('gives words that it cannot spell ids of their own, the same each time', () => {
    const unspelt = encode('привет как дела привет');
    expect(unspelt.every((id) => id >= pieces.length && id < pieces.length + unknownRows)).toBe(true);
    expect(unspelt[3]).toBe(unspelt[0]);
    expect(new Set(unspelt).size).toBe(3);
    expect(encode('ПРИВЕТ')).toEqual(unspelt.slice(0, 1));
  });

  test('reads a text up to its bound of pieces', () => {
    const short = createWordPiece(pieces, unknownRows, { maxPieces: 5 });
    expect([...short.encode('one two three four five six seven')]).toEqual(encode('one two three four five'));
    expect([...short.encode('one two three four unwillingness six')]).toEqual(
      encode('one two three four unwillingness').slice(0, 5),
    );
    expect(short.encode('unwillingness '.repeat(10))).toHaveLength(5);
  });

  test('answers are no views of a buffer that the next call overwrites', () => {
    const first = wordPiece.encode('one two');
    const copy = [...first];
    wordPiece.encode('three four');
    expect([...first]).toEqual(copy);
  });

  test('goes on after more different words than it remembers', () => {
    const expected = encode('unwillingness');
    for (let i = 0; i < 25_000; i += 1) wordPiece.encode(`w${i.toString(36)}`);
    expect(encode('unwillingness')).toEqual(expected);
  });

  test('whatever the text, upper case, spaces around it and dropped characters in it change nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 80 }), (text) => {
        const expected = encode(text);
        expect(encode(text.toUpperCase())).toEqual(expected);
        expect(encode(` \n${text}\t `)).toEqual(expected);
        expect(encode([...text].join('\u200b'))).toEqual(expected);
      }),
    );
  });
});
