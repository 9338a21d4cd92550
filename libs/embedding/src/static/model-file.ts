import { readFileSync } from 'node:fs';
import { CostlaneError } from '@costlane/domain';

/**
 * The built-in model as it lies in its file, little-endian: `CSM1`, u32 length of the header, a JSON header padded with spaces to a
 * multiple of four, then float32 scale a row, four-bit levels a row (two a byte, the even dimension in the low half), and the pieces of
 * the vocabulary, a line each. Rows are the pieces in the order of their ids, after them those for words that no pieces spell.
 */
export interface ModelFile {
  readonly modelId: string;
  readonly dimension: number;
  /** Rows for words that the pieces cannot spell: such a word has the one of its hash. */
  readonly unknownRows: number;
  readonly pieces: readonly string[];
  /** What each of the 16 levels stands for, before the row's scale. */
  readonly levels: Float32Array;
  readonly scales: Float32Array;
  /** Levels of eight dimensions a word, the first one lowest. */
  readonly table: Uint32Array;
}

interface Header {
  modelId: string;
  dimension: number;
  pieces: number;
  unknownRows: number;
  levels: number[];
}

const magic = 'CSM1';
const fixedBytes = 8;

const broken = (what: string) => new CostlaneError('internal', `The static model's file ${what}.`);

const isCount = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

function parseHeader(text: string): Header {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CostlaneError('internal', "The static model's file has a header that is not JSON.", { cause });
  }
  if (typeof value !== 'object' || value === null) throw broken('has a header that is no object');
  const { modelId, dimension, pieces, unknownRows, levels } = value as Record<keyof Header, unknown>;
  if (typeof modelId !== 'string' || modelId === '') throw broken('has no modelId');
  if (!isCount(dimension, 8, 4_096) || dimension % 8 !== 0) throw broken('has a dimension that is no multiple of 8');
  if (!isCount(pieces, 1, 65_536)) throw broken('has no pieces, or more than ids of 16 bits');
  if (!isCount(unknownRows, 1, 65_536 - pieces)) throw broken('has a bad number of rows for unknown words');
  if (!Array.isArray(levels) || levels.length !== 16 || !levels.every((level) => typeof level === 'number')) {
    throw broken('does not have 16 levels');
  }
  return { modelId, dimension, pieces, unknownRows, levels: levels as number[] };
}

/** Reads a model of its bytes; the result holds on to them. Throws a CostlaneError `internal` that says what is wrong with them. */
export function parseModelFile(bytes: Uint8Array): ModelFile {
  // Views want an address that four divides; a file that was read at once has one. That they take the bytes in the machine's order
  // is right on every machine that Node runs on today but IBM's mainframes.
  const data = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const text = new TextDecoder();
  if (data.length < fixedBytes || text.decode(data.subarray(0, 4)) !== magic) throw broken('is of another kind');
  const headerBytes = view.getUint32(4, true);
  const scalesAt = fixedBytes + headerBytes;
  if (headerBytes % 4 !== 0 || scalesAt > data.length) throw broken('is cut off in its header');
  const header = parseHeader(text.decode(data.subarray(fixedBytes, scalesAt)));
  const rows = header.pieces + header.unknownRows;
  const tableAt = scalesAt + 4 * rows;
  const piecesAt = tableAt + (rows * header.dimension) / 2;
  if (piecesAt > data.length) throw broken('is cut off');
  const pieces = text.decode(data.subarray(piecesAt)).split('\n');
  if (pieces.length !== header.pieces) throw broken(`names ${pieces.length} pieces instead of ${header.pieces}`);
  return {
    modelId: header.modelId,
    dimension: header.dimension,
    unknownRows: header.unknownRows,
    pieces,
    levels: Float32Array.from(header.levels),
    scales: new Float32Array(data.buffer, data.byteOffset + scalesAt, rows),
    table: new Uint32Array(data.buffer, data.byteOffset + tableAt, (piecesAt - tableAt) / 4),
  };
}

/** {@link parseModelFile} of a file, in one read; throws what reading throws. */
export function readModelFile(file: string): ModelFile {
  return parseModelFile(readFileSync(file));
}
