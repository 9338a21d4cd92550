/** Turns texts into vectors of one space. Vectors of two embedders with different `modelId`s must never meet in one index. */
export interface Embedder {
  /** Names the space: model, version and what else changes the vectors. Part of an index's identity. */
  readonly modelId: string;
  readonly dimension: number;
  /**
   * Unit-length vectors, in the order of the texts; an empty text gives zeros. Rejects with a CostlaneError: `deadline_exceeded`,
   * `overloaded`, `unavailable`, `upstream_…` by what went wrong.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export interface EmbedOptions {
  signal?: AbortSignal;
  /** Absolute, epoch milliseconds. */
  deadlineAtMs?: number;
}

/** The built-in model: a vector a word piece, summed. Synchronous, because it takes microseconds. */
export interface StaticModel {
  readonly modelId: string;
  readonly dimension: number;
  /** Ids of the text's word pieces, without markers, lower-cased and stripped of accents as BERT's uncased tokenizer does it. */
  tokenize(text: string): Uint16Array;
  /** Adds the piece's weighted vector (frequency weight included) to `into`, a buffer of `dimension` floats. */
  addVector(id: number, into: Float32Array): void;
  /** Unit-length sum over the text's pieces; zeros for an empty text. */
  embed(text: string): Float32Array;
  /** The same of pieces that are already there. */
  embedTokens(ids: Uint16Array): Float32Array;
}
