import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeEmbedderContract } from '../testing/describe-embedder-contract';
import { cosine } from '../testing/vector-math';
import { createOnnxEmbedder, type OnnxEmbedderOptions } from './create-onnx-embedder';

const fakeRuntime = path.join(__dirname, '../testing/fake-onnx-runtime.cjs');
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.?*;'];
const vocabulary = ['[CLS]', '[SEP]', '[UNK]', 'password', 'account', 'reset', 'word', 'my', 'item'];
const pieces = [...vocabulary, ...letters, ...letters.map((letter) => `##${letter}`)];
const tokenizerJson = {
  normalizer: { type: 'BertNormalizer', lowercase: true },
  model: { type: 'WordPiece', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])) },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'onnx-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
const create = (modelName: string, options: Partial<OnnxEmbedderOptions> = {}) => {
  write(modelName, `the model ${modelName}`);
  write('vocab.txt', `${pieces.join('\n')}\n`);
  return createOnnxEmbedder({ modelDir: folder, dimension: 32, runtime: fakeRuntime, ...options });
};

describeEmbedderContract('ONNX on a runtime that stands in', () => {
  const modelDir = mkdtempSync(path.join(tmpdir(), 'onnx-'));
  writeFileSync(path.join(modelDir, 'model.onnx'), 'a model');
  writeFileSync(path.join(modelDir, 'tokenizer.json'), JSON.stringify(tokenizerJson));
  const embedder = createOnnxEmbedder({ modelDir, dimension: 32, runtime: fakeRuntime });
  rmSync(modelDir, { recursive: true });
  return embedder;
});

describe('the ONNX embedder', () => {
  test('averages over the pieces where a model gives a vector for each, without the padding', async () => {
    const perText = create('model.onnx');
    const expected = await perText.embed(['reset my password', 'word', 'my account a b c d']);
    await perText.close();
    rmSync(path.join(folder, 'model.onnx'));
    const perPiece = create('hidden.onnx');
    const found = await perPiece.embed(['reset my password', 'word', 'my account a b c d']);
    found.forEach((vector, i) => expect(cosine(vector, expected[i] as Float32Array)).toBeCloseTo(1, 5));
    await perPiece.close();
  });

  test('reads a text up to its bound of pieces', async () => {
    const embedder = create('model.onnx', { maxTokens: 5 });
    const [long, cut] = await embedder.embed(['reset my password word word', 'reset my password']);
    expect(cosine(long as Float32Array, cut as Float32Array)).toBeCloseTo(1, 5);
    await embedder.close();
  });

  test('has a name that changes with the file of the model and with the bound of pieces', async () => {
    const first = create('one.onnx');
    rmSync(path.join(folder, 'one.onnx'));
    const second = create('two.onnx');
    const third = create('two.onnx', { maxTokens: 128 });
    expect(new Set([first.modelId, second.modelId, third.modelId]).size).toBe(3);
    await Promise.all([first.close(), second.close(), third.close()]);
  });

  test('stops between batches when the deadline has passed', async () => {
    const embedder = create('slow.onnx', { maxBatchTexts: 1 });
    const texts = Array.from({ length: 40 }, (_, i) => `item ${i}`);
    await expect(embedder.embed(texts, { deadlineAtMs: Date.now() + 300 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(await embedder.embed(['word'])).toHaveLength(1);
    await embedder.close();
  });

  test('close ends what is on its way as unavailable', async () => {
    const embedder = create('slow.onnx', { maxBatchTexts: 1 });
    const call = embedder.embed(['item 1', 'item 2', 'item 3']);
    const outcome = expect(call).rejects.toMatchObject({ code: 'unavailable' });
    await embedder.close();
    await outcome;
  });
});

describe('the ONNX embedder, when something is wrong', () => {
  test('a missing runtime is said at once, with the command that installs it', () => {
    const none = path.join(folder, 'no-runtime');
    expect(() => create('model.onnx', { runtime: none })).toThrow('npm install onnxruntime-node');
  });

  test.each<[string, Record<string, string>, string]>([
    ['no model', { 'vocab.txt': '[CLS]' }, 'holds no .onnx file'],
    ['two models', { 'a.onnx': '', 'b.onnx': '', 'vocab.txt': '[CLS]' }, 'holds 2 .onnx files'],
    ['no vocabulary', { 'a.onnx': '' }, 'neither tokenizer.json nor vocab.txt'],
    ['a vocabulary without markers', { 'a.onnx': '', 'vocab.txt': 'hello' }, 'without [CLS]'],
    ['a tokenizer that is not JSON', { 'a.onnx': '', 'tokenizer.json': 'x' }, 'not one of WordPiece'],
    [
      'a tokenizer of another kind',
      { 'a.onnx': '', 'tokenizer.json': JSON.stringify({ ...tokenizerJson, model: { type: 'BPE' } }) },
      'not one of WordPiece',
    ],
    [
      'a tokenizer that keeps the case',
      { 'a.onnx': '', 'tokenizer.json': JSON.stringify({ ...tokenizerJson, normalizer: { type: 'BertNormalizer' } }) },
      'not one of WordPiece',
    ],
  ])('a folder with %s is said at once', (_, files, words) => {
    for (const [name, text] of Object.entries(files)) write(name, text);
    expect(() => createOnnxEmbedder({ modelDir: folder, runtime: fakeRuntime })).toThrow(words);
  });

  test('a folder that is not there is said at once', () => {
    const modelDir = path.join(folder, 'none');
    expect(() => createOnnxEmbedder({ modelDir, runtime: fakeRuntime })).toThrow('cannot be read');
  });

  test('a model that cannot be loaded is unavailable', async () => {
    const embedder = create('broken.onnx');
    await expect(embedder.embed(['word'])).rejects.toMatchObject({ code: 'unavailable' });
    await embedder.close();
  });

  test('a run that fails is internal, and the next one is tried', async () => {
    const embedder = create('failing.onnx');
    await expect(embedder.embed(['word'])).rejects.toMatchObject({ code: 'internal' });
    await expect(embedder.embed(['word'])).rejects.toMatchObject({ code: 'internal' });
    await embedder.close();
  });

  test('a model of another dimension is refused', async () => {
    const embedder = create('model.onnx', { dimension: 384 });
    await expect(embedder.embed(['word'])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('32 numbers a text instead of 384'),
    });
    await embedder.close();
  });
});

/** A real model, where one is there: the folder of onnxruntime-node, and one with all-MiniLM-L6-v2. */
const { COSTLANE_TEST_ONNX_RUNTIME: realRuntime, COSTLANE_TEST_ONNX_MODEL_DIR: realModelDir } = process.env;
const hasRealModel = realRuntime !== undefined && realModelDir !== undefined;
if (!hasRealModel) {
  process.stderr.write(
    'COSTLANE_TEST_ONNX_RUNTIME and COSTLANE_TEST_ONNX_MODEL_DIR not set: no test on a real model\n',
  );
}

(hasRealModel ? describe : describe.skip)('on all-MiniLM-L6-v2', () => {
  describeEmbedderContract(
    'ONNX',
    () => createOnnxEmbedder({ modelDir: realModelDir ?? '', runtime: realRuntime }),
    // Its int8 form quantizes activations over the whole batch.
    { leastCosineInCompany: 0.97 },
  );

  test('knows a question in other words from another question', async () => {
    const embedder = createOnnxEmbedder({ modelDir: realModelDir ?? '', runtime: realRuntime });
    const texts = ['How do I reset my password?', 'I forgot my login credentials', 'Which planets have rings?'];
    const [a, b, c] = (await embedder.embed(texts)) as [Float32Array, Float32Array, Float32Array];
    expect(cosine(a, b)).toBeGreaterThan(cosine(a, c) + 0.3);
    await embedder.close();
  });
});
