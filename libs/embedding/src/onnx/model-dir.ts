import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { CostlaneError } from '@costlane/domain';

/** A folder with a sentence model, read as far as is needed before it runs. */
export interface ModelDir {
  /** The `.onnx` file. */
  modelFile: string;
  /** The vocabulary in the order of its ids. */
  pieces: readonly string[];
  /** First characters of the SHA-256 of the model file: another file is another space. */
  digest: string;
}

const digestCharacters = 12;

function unusable(modelDir: string, what: string, cause?: unknown): CostlaneError {
  const message =
    `The folder ${modelDir} ${what}. An ONNX embedder wants one file that ends in .onnx, of a BERT-like sentence model such as ` +
    `all-MiniLM-L6-v2, and beside it its tokenizer.json or vocab.txt.`;
  return new CostlaneError('unavailable', message, { cause });
}

/** `model.onnx`, or the only file of that kind. */
function findModelFile(modelDir: string): string {
  let names: string[];
  try {
    names = readdirSync(modelDir).filter((name) => name.endsWith('.onnx'));
  } catch (cause) {
    throw unusable(modelDir, 'cannot be read', cause);
  }
  const name = names.includes('model.onnx') ? 'model.onnx' : names[0];
  if (name === undefined) throw unusable(modelDir, 'holds no .onnx file');
  if (names.length > 1 && name !== 'model.onnx') throw unusable(modelDir, `holds ${names.length} .onnx files`);
  return path.join(modelDir, name);
}

interface TokenizerJson {
  model?: { type?: string; vocab?: Record<string, number> };
  normalizer?: { type?: string; lowercase?: boolean };
}

/** The vocabulary of a `tokenizer.json` of the `tokenizers` library, which must be BERT's uncased one. */
function piecesOfTokenizer(text: string): string[] {
  const { model, normalizer } = JSON.parse(text) as TokenizerJson;
  if (model?.type !== 'WordPiece' && model?.type !== undefined) throw new Error(`its model is ${model.type}`);
  if (model?.vocab === undefined) throw new Error('it has no vocabulary');
  if (normalizer?.type !== 'BertNormalizer' || normalizer.lowercase !== true) throw new Error('it is not uncased BERT');
  const pieces: string[] = [];
  for (const [piece, id] of Object.entries(model.vocab)) pieces[id] = piece;
  return pieces;
}

function readPieces(modelDir: string): string[] {
  const vocabulary = path.join(modelDir, 'vocab.txt');
  if (existsSync(vocabulary))
    return readFileSync(vocabulary, 'utf8')
      .replace(/\r?\n$/, '')
      .split(/\r?\n/);
  const tokenizer = path.join(modelDir, 'tokenizer.json');
  if (!existsSync(tokenizer)) throw unusable(modelDir, 'holds neither tokenizer.json nor vocab.txt');
  try {
    return piecesOfTokenizer(readFileSync(tokenizer, 'utf8'));
  } catch (cause) {
    throw unusable(modelDir, 'has a tokenizer.json that is not one of WordPiece for uncased BERT', cause);
  }
}

/** Reads all but the model itself. Throws a CostlaneError `unavailable` that says what is missing. */
export function readModelDir(modelDir: string): ModelDir {
  const modelFile = findModelFile(modelDir);
  const pieces = readPieces(modelDir);
  for (const special of ['[CLS]', '[SEP]', '[UNK]']) {
    if (!pieces.includes(special)) throw unusable(modelDir, `has a vocabulary without ${special}`);
  }
  const digest = createHash('sha256').update(readFileSync(modelFile)).digest('hex').slice(0, digestCharacters);
  return { modelFile, pieces, digest };
}
