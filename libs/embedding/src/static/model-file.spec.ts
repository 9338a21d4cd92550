import { readFileSync } from 'node:fs';
import { createStaticModel } from './create-static-model';
import { defaultModelFile } from './load-static-model';
import { parseModelFile } from './model-file';
import { cosine } from '../testing/vector-math';

interface SmallModel {
  header?: object | null;
  pieces?: string;
  scales?: number[];
  table?: number[];
}

const levels = Array.from({ length: 16 }, (_, i) => i - 8);
const header = { modelId: 'small', dimension: 8, pieces: 2, unknownRows: 1, levels };

/** A model of two pieces and one row for unknown words, eight dimensions. */
function bytesOf(model: SmallModel = {}): Buffer {
  const text = JSON.stringify(model.header === undefined ? header : model.header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(padded.length);
  const scales = Buffer.from(Float32Array.from(model.scales ?? [1, 0.5, 2]).buffer);
  const table = Buffer.from(model.table ?? [0x98, 0x88, 0x88, 0x88, 0x88, 0x8c, 0x88, 0x88, 0x88, 0x88, 0x88, 0x8f]);
  return Buffer.concat([Buffer.from('CSM1'), size, padded, scales, table, Buffer.from(model.pieces ?? 'hello\nworld')]);
}

describe('the model file', () => {
  test('rows are levels of four bits times their scale, even dimensions in the low half of a byte', () => {
    const model = createStaticModel(parseModelFile(bytesOf()));
    const rows = [0, 1, 2].map((id) => {
      const into = new Float32Array(8);
      model.addVector(id, into);
      return [...into];
    });
    expect(rows).toEqual([
      [0, 1, 0, 0, 0, 0, 0, 0],
      [0, 0, 2, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 14, 0],
    ]);
    expect([...model.embed('hello')]).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });

  test('is read the same from an address that four does not divide', () => {
    const shifted = new Uint8Array(bytesOf().length + 1);
    shifted.set(bytesOf(), 1);
    expect([...parseModelFile(shifted.subarray(1)).scales]).toEqual([1, 0.5, 2]);
  });

  test.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'of another kind'],
    ['another format', Buffer.from('STE1aaaaaaaaaaaaaaa'), 'of another kind'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1'), 'of another kind'],
    ['a header beyond the end', bytesOf().subarray(0, 40), 'cut off in its header'],
    ['a table that ends early', bytesOf().subarray(0, -20), 'cut off'],
    ['too few pieces', bytesOf({ pieces: 'hello' }), 'names 1 pieces instead of 2'],
    ['more bytes than it should', bytesOf({ pieces: 'hello\nworld\nmore' }), 'names 3 pieces instead of 2'],
    ['an odd dimension', bytesOf({ header: { ...header, dimension: 7 } }), 'dimension'],
    ['no name', bytesOf({ header: { ...header, modelId: '' } }), 'modelId'],
    ['no rows for unknown words', bytesOf({ header: { ...header, unknownRows: 0 } }), 'unknown words'],
    ['ids beyond 16 bits', bytesOf({ header: { ...header, pieces: 65_537 } }), 'ids of 16 bits'],
    ['fifteen levels', bytesOf({ header: { ...header, levels: levels.slice(1) } }), '16 levels'],
    ['a header that is null', bytesOf({ header: null }), 'header'],
  ])('refuses %s', (_, bytes, words) => {
    expect(() => parseModelFile(bytes)).toThrow(words);
  });
});

describe('the shipped model', () => {
  const bytes = readFileSync(defaultModelFile());
  const model = createStaticModel(parseModelFile(bytes));
  const similarity = (a: string, b: string): number => cosine(model.embed(a), model.embed(b));

  test('is of the size that fits a repository and of 384 dimensions', () => {
    expect(bytes.length).toBeLessThan(6_500_000);
    expect(model.dimension).toBe(384);
    expect(model.modelId).toMatch(/^static-384-v\d+$/);
  });

  test('puts a question nearer to the same in other words than to another one', () => {
    const question = 'How do I reset my password?';
    const same = similarity(question, 'What is the way to reset my password?');
    const near = similarity(question, 'How do I delete my account?');
    const far = similarity(question, 'Which planets have rings?');
    expect(same).toBeGreaterThan(0.8);
    expect(same).toBeGreaterThan(near + 0.2);
    expect(near).toBeGreaterThan(far + 0.1);
  });

  test('does not take two texts in another script for alike', () => {
    expect(similarity('привет как дела', 'какая сегодня погода')).toBeLessThan(0.5);
    expect(similarity('你好吗', '今天天气')).toBeLessThan(0.5);
  });

  test('gives the sum of the pieces’ vectors at unit length, also of pieces that are there already', () => {
    const ids = model.tokenize('unwillingness to pay');
    const sum = new Float32Array(384);
    for (const id of ids) model.addVector(id, sum);
    const length = Math.sqrt(cosine(sum, sum));
    const vector = model.embedTokens(ids);
    expect(cosine(sum, vector) / length).toBeCloseTo(1, 5);
    expect([...vector]).toEqual([...model.embed('unwillingness to pay')]);
  });
});
