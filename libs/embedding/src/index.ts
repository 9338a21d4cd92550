export { createBatchingEmbedder, type BatchingOptions } from './create-batching-embedder';
export { createHttpEmbedder, type HttpEmbedderOptions } from './http/create-http-embedder';
export { createOnnxEmbedder, type OnnxEmbedderOptions } from './onnx/create-onnx-embedder';
export { createStaticEmbedder } from './static/create-static-embedder';
export { createStaticModel } from './static/create-static-model';
export { loadStaticModel } from './static/load-static-model';
export { parseModelFile, readModelFile, type ModelFile } from './static/model-file';
export type { EmbedOptions, Embedder, StaticModel } from './embedder';
