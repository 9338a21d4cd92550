import type { StaticModel } from '../embedder';
import { toUnitLength } from '../unit-vector';
import type { ModelFile } from './model-file';
import { createWordPiece, type WordPieceOptions } from './word-piece';

/**
 * The built-in embedding model: a text's vector is the sum of the vectors of its pieces, brought to unit length, so
 * that it does not know their order. Texts of more than `maxPieces` pieces (8,192) are read up to there.
 */
export function createStaticModel(model: ModelFile, options: WordPieceOptions = {}): StaticModel {
  const { dimension, levels, scales, table } = model;
  const rowWords = dimension / 8;
  const wordPiece = createWordPiece(model.pieces, model.unknownRows, options);

  // Eight dimensions a word, written out: a quarter less time than byte by byte.
  const addRow = (row: number, into: Float32Array): void => {
    const scale = scales[row] ?? 0;
    let at = row * rowWords;
    for (let i = 0; i < dimension; i += 8) {
      const word = table[at++] as number;
      (into[i] as number) += scale * (levels[word & 15] as number);
      (into[i + 1] as number) += scale * (levels[(word >>> 4) & 15] as number);
      (into[i + 2] as number) += scale * (levels[(word >>> 8) & 15] as number);
      (into[i + 3] as number) += scale * (levels[(word >>> 12) & 15] as number);
      (into[i + 4] as number) += scale * (levels[(word >>> 16) & 15] as number);
      (into[i + 5] as number) += scale * (levels[(word >>> 20) & 15] as number);
      (into[i + 6] as number) += scale * (levels[(word >>> 24) & 15] as number);
      (into[i + 7] as number) += scale * (levels[word >>> 28] as number);
    }
  };

  const embedTokens = (ids: Uint16Array): Float32Array => {
    const vector = new Float32Array(dimension);
    for (let i = 0; i < ids.length; i += 1) addRow(ids[i] as number, vector);
    return toUnitLength(vector);
  };

  return {
    modelId: model.modelId,
    dimension,
    tokenize: (text) => wordPiece.encode(text),
    addVector: addRow,
    embed: (text) => embedTokens(wordPiece.encode(text)),
    embedTokens,
  };
}
