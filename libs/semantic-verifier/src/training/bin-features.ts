/** Rows of features, one after another; NaN where a value is missing. */
export interface FeatureMatrix {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** rowCount × names.length values. */
  readonly values: Float32Array;
}

/** Each column cut into at most 255 ranges; number 0 holds the missing values. */
export interface BinnedFeatures {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly bins: readonly Uint8Array[];
  /** Upper end of each range from number 1 on, the last one left out: thresholds that a tree may use. */
  readonly thresholds: readonly Float32Array[];
  /** Where each feature's cells begin in a histogram, and after the last one its length: two numbers a range. */
  readonly cellOffsets: Int32Array;
}

/** Gradient and hessian of a range. */
export const cellSize = 2;

/** Cuts the columns at quantiles, so that ranges hold about equally many of the rows. */
export function binFeatures(matrix: FeatureMatrix, maxBins = 128): BinnedFeatures {
  const featureCount = matrix.names.length;
  const bins: Uint8Array[] = [];
  const thresholds: Float32Array[] = [];
  for (let feature = 0; feature < featureCount; feature += 1) {
    const column = new Float32Array(matrix.rowCount);
    for (let row = 0; row < matrix.rowCount; row += 1)
      column[row] = matrix.values[row * featureCount + feature] ?? Number.NaN;
    const cuts = cutsOf(column, Math.min(maxBins, 254));
    thresholds.push(cuts);
    bins.push(binColumn(column, cuts));
  }
  const cellOffsets = new Int32Array(featureCount + 1);
  thresholds.forEach((cuts, feature) => {
    cellOffsets[feature + 1] = (cellOffsets[feature] ?? 0) + (cuts.length + 2) * cellSize;
  });
  return { rowCount: matrix.rowCount, featureCount, bins, thresholds, cellOffsets };
}

function cutsOf(column: Float32Array, maxBins: number): Float32Array {
  const sorted = column.filter((value) => value === value).sort();
  const cuts: number[] = [];
  const perBin = Math.max(1, sorted.length / maxBins);
  let next = perBin;
  for (let at = 1; at < sorted.length; at += 1) {
    const below = sorted[at - 1] as number;
    const above = sorted[at] as number;
    if (above === below || at < Math.floor(next)) continue;
    const middle = Math.fround((below + above) / 2);
    // The middle of two neighbours in float32 may round up to the upper one, which must stay above the threshold.
    cuts.push(middle < above ? middle : below);
    next = Math.max(next + perBin, at + perBin / 2);
    if (cuts.length >= maxBins - 1) break;
  }
  return Float32Array.from(cuts);
}

function binColumn(column: Float32Array, cuts: Float32Array): Uint8Array {
  const binned = new Uint8Array(column.length);
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row] as number;
    if (value !== value) continue;
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (cuts[middle] as number)) high = middle;
      else low = middle + 1;
    }
    binned[row] = low + 1;
  }
  return binned;
}
