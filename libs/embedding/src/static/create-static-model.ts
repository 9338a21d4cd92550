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
  const rowBytes = dimension / 2;
  const wordPiece = createWordPiece(model.pieces, model.unknownRows, options);

  const addRow = (row: number, into: Float32Array): void => {
    const scale = scales[row] ?? 0;
    let at = row * rowBytes;
    for (let i = 0; i < dimension; i += 2) {
      const byte = table[at++] as number;
      (into[i] as number) += scale * (levels[byte & 15] as number);
      (into[i + 1] as number) += scale * (levels[byte >> 4] as number);
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
