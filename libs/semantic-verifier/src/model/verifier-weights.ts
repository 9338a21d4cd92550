import { CostlaneError } from '@costlane/domain';
import type { BoostedTrees } from './boosted-trees';
import type { Calibration } from './calibration';

/** Probability from which pairs are taken for an aimed false-hit rate; above 1 it takes none: the evidence was too thin. */
export interface ThresholdPoint {
  falseHitRate: number;
  probability: number;
}

/** One way to judge: trees, what their scores mean, and where to draw the line. */
export interface ScoringModel {
  trees: BoostedTrees;
  calibration: Calibration;
  /** Ascending in the rate, falling in the probability. */
  thresholds: ThresholdPoint[];
}

export interface VerifierWeights {
  /** Names what was learnt; part of metrics and explanations. */
  modelId: string;
  /** Of the static model whose word vectors the features were made with. */
  staticModelId: string;
  /** Of the features, in order: weights and extractor must agree. */
  featureNames: string[];
  /** Without and with the cosine of a contextual embedder. */
  models: { static: ScoringModel; dense: ScoringModel };
}

interface ModelHeader {
  base: number;
  treeCount: number;
  nodeCount: number;
  calibration: Calibration;
  thresholds: ThresholdPoint[];
}

interface Header {
  modelId: string;
  staticModelId: string;
  featureNames: string[];
  models: { static: ModelHeader; dense: ModelHeader };
}

const magic = 0x31575643; // "CVW1" in little-endian order
const modelKinds = ['static', 'dense'] as const;
const align = (offset: number) => (offset + 3) & ~3;

/**
 * One file: `CVW1`, u32 length of a JSON header, the header, then for each model (without, with dense cosine), aligned to 4 bytes,
 * u32 roots, f32 values, u16 features, u16 distances to the right child. Little-endian, 8 bytes a node.
 */
export function encodeWeights(weights: VerifierWeights): Uint8Array {
  const headerOf = ({ trees, calibration, thresholds }: ScoringModel): ModelHeader => ({
    base: trees.base,
    treeCount: trees.roots.length,
    nodeCount: trees.value.length,
    calibration,
    thresholds,
  });
  const header: Header = {
    modelId: weights.modelId,
    staticModelId: weights.staticModelId,
    featureNames: weights.featureNames,
    models: { static: headerOf(weights.models.static), dense: headerOf(weights.models.dense) },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const sections = modelKinds.flatMap((kind) => {
    const { roots, value, feature, right } = weights.models[kind].trees;
    return [roots, value, feature, right];
  });
  const start = align(8 + json.length);
  const total = sections.reduce((offset, section) => align(offset + section.byteLength), start);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, json.length, true);
  bytes.set(json, 8);
  let offset = start;
  for (const section of sections) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), offset);
    offset = align(offset + section.byteLength);
  }
  return bytes;
}

const broken = (what: string) =>
  new CostlaneError('internal', `verifier weights: ${what}; make them again with \`npm run train:verifier\``);

/** Reads what encodeWeights wrote. Throws a CostlaneError where the bytes are something else or damaged. */
export function decodeWeights(bytes: Uint8Array): VerifierWeights {
  // A copy of its own, so that the typed arrays below begin at aligned addresses whatever buffer the file was read into.
  const own = new Uint8Array(bytes);
  const view = new DataView(own.buffer);
  if (own.length < 8 || view.getUint32(0, true) !== magic) throw broken('this is not a weights file');
  const headerLength = view.getUint32(4, true);
  if (8 + headerLength > own.length) throw broken('the file is cut off');
  const header = parseHeader(new TextDecoder().decode(own.subarray(8, 8 + headerLength)));
  let offset = align(8 + headerLength);
  const take = (byteLength: number) => {
    const at = offset;
    if (at + byteLength > own.length) throw broken('the file is cut off');
    offset = align(at + byteLength);
    return at;
  };
  const read = ({ base, treeCount, nodeCount, calibration, thresholds }: ModelHeader): ScoringModel => {
    const roots = new Uint32Array(own.buffer, take(treeCount * 4), treeCount);
    const value = new Float32Array(own.buffer, take(nodeCount * 4), nodeCount);
    const feature = new Uint16Array(own.buffer, take(nodeCount * 2), nodeCount);
    const right = new Uint16Array(own.buffer, take(nodeCount * 2), nodeCount);
    return { trees: { base, roots, value, feature, right }, calibration, thresholds };
  };
  const models = { static: read(header.models.static), dense: read(header.models.dense) };
  const { modelId, staticModelId, featureNames } = header;
  return { modelId, staticModelId, featureNames, models };
}

function parseHeader(json: string): Header {
  try {
    const header = JSON.parse(json) as Header;
    if (Array.isArray(header.featureNames) && header.models.static.nodeCount >= 0 && header.models.dense.nodeCount >= 0)
      return header;
  } catch {
    // Falls through to the one message: whatever is wrong with the header, the way out is the same.
  }
  throw broken('the header cannot be read');
}
