import { CostlaneError } from '@costlane/domain';
import { formFeatureNames } from '../features/form-feature-names';
import type { GainCalibration, RouterWeights } from './router-weights';

interface Header {
  id: string;
  calibration: GainCalibration;
  featureNames: readonly string[];
  pairs: { count: number; base: number };
  trees: { count: number; nodes: number; cuts: number[] };
  open: { base: number };
}

const magic = 0x32575243; // "CRW2"
const align = (offset: number): number => (offset + 3) & ~3;

/**
 * One file: `CRW2`, u32 length of a JSON header, the header, then, each aligned to 4 bytes: the pairs' keys (i32), rarities and weights (f32), cuts of
 * all features (f32), the trees' roots (i32), features and thresholds (u8) and links (u16) of their nodes, means, deviations and weights of the form
 * (f32). Little-endian.
 */
export function encodeWeights({ id, calibration, pairs, trees, open }: RouterWeights): Uint8Array {
  const header: Header = {
    id,
    calibration,
    featureNames: formFeatureNames,
    pairs: { count: pairs.keys.length, base: pairs.base },
    trees: { count: trees.roots.length, nodes: trees.features.length, cuts: trees.cuts.map((own) => own.length) },
    open: { base: open.base },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const sections = [
    pairs.keys,
    pairs.rarities,
    pairs.weights,
    Float32Array.from(trees.cuts.flatMap((own) => [...own])),
    trees.roots,
    trees.features,
    trees.thresholds,
    trees.links,
    open.means,
    open.deviations,
    open.weights,
  ];
  const start = align(8 + json.length);
  const bytes = new Uint8Array(sections.reduce((offset, section) => align(offset + section.byteLength), start));
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

const broken = (what: string): CostlaneError =>
  new CostlaneError('internal', `router weights: ${what}; make them again with \`npm run train:router\``);

/** Reads what encodeWeights wrote. Throws a CostlaneError (`internal`) where the bytes are something else, damaged, or of other features. */
export function decodeWeights(bytes: Uint8Array): RouterWeights {
  // A copy (slice() of a Buffer is none), so that the typed arrays below begin at aligned addresses whatever the file was read into.
  const own = new Uint8Array(bytes);
  const view = new DataView(own.buffer);
  if (own.length < 8 || view.getUint32(0, true) !== magic) throw broken('this is not a weights file');
  const headerLength = view.getUint32(4, true);
  if (8 + headerLength > own.length) throw broken('the file is cut off');
  const header = parseHeader(new TextDecoder().decode(own.subarray(8, 8 + headerLength)));
  let offset = align(8 + headerLength);
  const take = (length: number): number => {
    const at = offset;
    if (at + length > own.length) throw broken('the file is cut off');
    offset = align(at + length);
    return at;
  };
  const floats = (count: number): Float32Array => new Float32Array(own.buffer, take(count * 4), count);
  const octets = (count: number): Uint8Array => new Uint8Array(own.buffer, take(count), count);
  const { pairs, trees, open, id, calibration } = header;
  const keys = new Int32Array(own.buffer, take(pairs.count * 4), pairs.count);
  const [rarities, weights] = [floats(pairs.count), floats(pairs.count)];
  const allCuts = floats(trees.cuts.reduce((sum, count) => sum + count, 0));
  let cut = 0;
  const cuts = trees.cuts.map((count) => allCuts.subarray(cut, (cut += count)));
  const roots = new Int32Array(own.buffer, take(trees.count * 4), trees.count);
  const [features, thresholds] = [octets(trees.nodes), octets(trees.nodes)];
  const links = new Uint16Array(own.buffer, take(trees.nodes * 2), trees.nodes);
  const size = formFeatureNames.length;
  const [means, deviations, formWeights] = [floats(size), floats(size), floats(size)];
  return {
    id,
    calibration,
    pairs: { keys, rarities, weights, base: pairs.base },
    trees: { cuts, roots, features, thresholds, links },
    open: { base: open.base, means, deviations, weights: formWeights },
  };
}

function parseHeader(json: string): Header {
  let header: Header | undefined;
  try {
    header = JSON.parse(json) as Header;
  } catch {
    // Whatever is wrong with the header, the way out is the same: the message below.
  }
  if (
    !header ||
    !(header.pairs?.count >= 0) ||
    !Array.isArray(header.trees?.cuts) ||
    !(header.calibration?.scores?.length > 0)
  )
    throw broken('the header cannot be read');
  if (header.featureNames.join() !== formFeatureNames.join()) throw broken('they were made with other features');
  return header;
}
