export { createStaticEmbedder } from './static/create-static-embedder';
export { createStaticModel } from './static/create-static-model';
export { loadStaticModel } from './static/load-static-model';
export type { EmbedOptions, Embedder, StaticModel } from './embedder';
