export type { EmbedOptions, Embedder, StaticModel } from './embedder';
