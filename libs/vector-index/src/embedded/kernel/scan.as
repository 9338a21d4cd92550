// The search of parts. The cosine between a query q and a record x follows from the triangle q, x and the part's centre c: with the
// distances |q − c| and |x − c| and the similarity asked for, the angle at c must be small enough. A sketch estimates the cosine of
// that angle (RaBitQ, Gao and Long, SIGMOD 2024, section 3, gives the error of such estimates); records whose estimate is too far
// below are left out, the others are compared in full.
import {
  BITS,
  EDGES_PER_UNIT,
  WIDEST_EDGE,
  blocksPerPage,
  limits,
  order,
  queryFloats,
  queryProjection,
  residual,
  tables,
  confidence,
  workTable,
} from './work-area';
import { dotFloats, examine, foundCount, sumOfFloats, threshold } from './vectors';
import { countOf, edgesOf, pagesOf, planesOf, projectionOf, slotsOf, squareOf } from './sketches';

/** Expected product of a unit vector's signs with another one at cosine 1, over the root of the number of signs: √(2/π). */
const MEAN: f32 = 0.79788456;
/** Its square. */
const MEAN_SQUARE: f32 = 0.63661977;

let distanceSquare: f32 = 0;
let distance: f32 = 0;
/** Square of the distance between unit vectors that are as similar as the threshold asks. */
let gap: f32 = 0;
let widest: f32 = 0;
let stamp: u32 = 0;
let firstBits: usize = 0;
let firstBase: f32 = 0;
let firstFactor: f32 = 0;
let firstSpread: f32 = 0;
let bothBase: f32 = 0;
let bothFactor: f32 = 0;
let bothSpread: f32 = 0;

/** What follows from the threshold; called again whenever that rises. */
@inline
function renewGap(): void {
  stamp++;
  gap = 2 - 2 * threshold;
  widest = sqrt(max<f32>(distanceSquare - gap, 0));
}

/** The least cosine, seen from the centre, between the query and a record at a radius. */
@inline
function neededCosine(radius: f32): f32 {
  return (distanceSquare + radius * radius - gap) / (2 * radius * distance + <f32>1e-9);
}

/** How many bits to look at first. The fewer, the closer matches have to be: else too many blocks are looked at twice. */
function bitsFor(needed: f32): usize { return needed > 0.94 ? 32 : needed > 0.82 ? 48 : 64; }

@inline
function byteOf(value: f32): u8 { return <u8>min<f32>(max<f32>(value, 0), 255); }

function renewLimits(at: usize, edge: u32): void {
  const needed = neededCosine(edge === WIDEST_EDGE ? widest : <f32>edge / EDGES_PER_UNIT);
  const cosine = min<f32>(max<f32>(needed, -1), 1);
  const spread: f32 = sqrt<f32>(1 - MEAN_SQUARE * cosine * cosine);
  store<u32>(at, stamp);
  store<u8>(at, byteOf(firstBase + firstFactor * (MEAN * cosine - firstSpread * spread)), 4);
  store<u8>(at, byteOf(<f32>0.5 * (bothBase + bothFactor * (MEAN * cosine - bothSpread * spread))), 5);
  store<u8>(at, <u8>(needed > 1.01), 6);
}

/** The limits of a block, which are those of the radius in it at which the angle may be widest. */
@inline
function limitsFor(edges: usize): usize {
  const least = <u32>load<u8>(edges);
  const most = <u32>load<u8>(edges, 1);
  const at = widest * EDGES_PER_UNIT;
  const edge = at <= <f32>least ? least : at >= <f32>most ? most : WIDEST_EDGE;
  const place = limits + 8 * edge;
  if (load<u32>(place) !== stamp) renewLimits(place, edge);
  return place;
}

/** One table of 16 bytes for each four bits: what these bits add to the product with the query, scaled by `scale`. */
function buildTables(scale: f32): void {
  for (let group: usize = 0; group < BITS / 4; group++) {
    const weights = f32x4.mul(v128.load(residual + 16 * group), f32x4.splat(2 * scale));
    const one = f32x4.max(weights, f32x4.splat(0));
    const zero = f32x4.max(f32x4.neg(weights), f32x4.splat(0));
    const first = f32x4.add(v128.shuffle<f32>(zero, one, 0, 4, 0, 4), v128.shuffle<f32>(zero, one, 1, 1, 5, 5));
    const z2 = f32x4.extract_lane(zero, 2);
    const z3 = f32x4.extract_lane(zero, 3);
    const o2 = f32x4.extract_lane(one, 2);
    const o3 = f32x4.extract_lane(one, 3);
    const low = i16x8.narrow_i32x4_s(rounded(first, z2 + z3), rounded(first, o2 + z3));
    const high = i16x8.narrow_i32x4_s(rounded(first, z2 + o3), rounded(first, o2 + o3));
    v128.store(tables + 16 * group, i8x16.narrow_i16x8_u(low, high));
  }
}

@inline
function rounded(values: v128, more: f32): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.add(values, f32x4.splat(more))));
}

/** Prepares tables and limits for the query seen from a part's centre. */
function beginScan(header: usize): void {
  distance = sqrt(distanceSquare);
  renewGap();
  firstBits = bitsFor(neededCosine(max<f32>(widest, 0.5)));
  const centre = projectionOf(header);
  let squares = f32x4.splat(0);
  let sums = f32x4.splat(0);
  let firstSquare: f32 = 0;
  let firstSum: f32 = 0;
  let halfSum: f32 = 0;
  for (let bit: usize = 0; bit < BITS; bit += 4) {
    if (bit === firstBits) {
      firstSquare = sumOfFloats(squares);
      firstSum = sumOfFloats(sums);
    }
    if (bit === BITS / 2) halfSum = sumOfFloats(sums);
    const values = f32x4.sub(v128.load(queryProjection + 4 * bit), v128.load(centre + 4 * bit));
    v128.store(residual + 4 * bit, values);
    squares = f32x4.add(squares, f32x4.mul(values, values));
    sums = f32x4.add(sums, f32x4.abs(values));
  }
  const bothSquare = sumOfFloats(squares);
  const bothSum = sumOfFloats(sums);
  // A half of the tables adds up to 250 at the most. A product p is read off as scale × (p + sum of the absolute values), less what
  // rounding may take.
  const scale: f32 = 125 / max<f32>(max(halfSum, bothSum - halfSum), 1e-12);
  buildTables(scale);
  firstFactor = scale * sqrt(firstSquare * <f32>firstBits);
  bothFactor = scale * sqrt(bothSquare * <f32>BITS);
  firstBase = scale * firstSum - 2;
  bothBase = scale * bothSum - 3;
  firstSpread = confidence / sqrt(<f32>firstBits);
  bothSpread = confidence / sqrt(<f32>BITS);
}

@inline
function weigh(sum: v128, plane: v128, table: usize): v128 {
  const low = i8x16.swizzle(v128.load(table), v128.and(plane, i8x16.splat(15)));
  const high = i8x16.swizzle(v128.load(table, 16), v128.and(i16x8.shr_u(plane, 4), i8x16.splat(15)));
  return i8x16.add_sat_u(i8x16.add_sat_u(sum, low), high);
}

/** Adds what two planes of a block say about its 16 records. */
@inline
function weighTwo(sum: v128, planes: usize, table: usize): v128 {
  return weigh(weigh(sum, v128.load(planes), table), v128.load(planes, 16), table + 32);
}

@inline
function weighFour(sum: v128, planes: usize, table: usize): v128 {
  return weighTwo(weighTwo(sum, planes, table), planes + 32, table + 64);
}

/** Looks at the first bits of a block's records, at all bits of those left, at the vectors of those left then. */
@inline
function scanBlock(page: usize, block: usize, lanes: i32): void {
  const least = limitsFor(edgesOf(page, block));
  if (load<u8>(least, 6)) return;
  const planes = planesOf(page, block, false);
  let sum = weighFour(i8x16.splat(0), planes, tables);
  if (firstBits > 32) sum = weighTwo(sum, planes + 64, tables + 128);
  if (firstBits > 48) sum = weighTwo(sum, planes + 96, tables + 192);
  let mask = i8x16.bitmask(i8x16.ge_u(sum, v128.load8_splat(least, 4))) & lanes;
  if (mask === 0) return;
  if (firstBits < 48) sum = weighTwo(sum, planes + 64, tables + 128);
  if (firstBits < 64) sum = weighTwo(sum, planes + 96, tables + 192);
  const others = planesOf(page, block, true);
  const more = weighFour(weighFour(i8x16.splat(0), others, tables + 256), others + 64, tables + 384);
  mask &= i8x16.bitmask(i8x16.ge_u(i8x16.avgr_u(sum, more), v128.load8_splat(least, 5)));
  const slots = slotsOf(page, block);
  for (; mask !== 0; mask &= mask - 1) {
    if (examine(load<u32>(slots + 4 * ctz(mask)))) renewGap();
  }
}

function scanPart(header: usize, square: f32): void {
  distanceSquare = square;
  beginScan(header);
  let left: i32 = countOf(header);
  for (let pages = pagesOf(header); left > 0; pages += 4) {
    const page: usize = load<u32>(pages);
    for (let block: usize = 0; block < blocksPerPage && left > 0; block++, left -= 16) {
      scanBlock(page, block, left < 16 ? (1 << left) - 1 : 0xffff);
    }
  }
}

/** Square of the query's distance from a centre; the query is of unit length. */
@inline
function squareFrom(header: usize): f32 {
  return max<f32>(1 + squareOf(header) - 2 * dotFloats(header, queryFloats), 0);
}

/** Searches one part, however far its centre is. Gives how many matches there are by now. */
export function scanOnePart(header: usize): i32 {
  scanPart(header, squareFrom(header));
  return foundCount();
}

/**
 * Searches the parts whose headers stand in the work table, nearest centre first, and gives how many matches there are by now. A
 * record is in the part of its nearest centre. So one that is further from the query than the border between the query's part and
 * its own cannot be closer than that border; and for matches to be at a distance the border in practice has to be within `reach`
 * times that distance, since few directions lead straight to it.
 */
export function scanParts(count: i32, reach: f32): i32 {
  sortParts(count);
  const nearest: usize = load<u32>(order, 4);
  const nearestSquare = load<f32>(order);
  for (let i = 0; i < count; i++) {
    const header: usize = load<u32>(order + 8 * i, 4);
    const square = load<f32>(order + 8 * i);
    if (i > 0) {
      const between: f32 = sqrt(max<f32>(squareOf(nearest) + squareOf(header) - 2 * dotFloats(nearest, header), 1e-12));
      const border: f32 = (square - nearestSquare) / (2 * between);
      if (border > reach * sqrt(max<f32>(2 - 2 * threshold, 0))) continue;
    }
    scanPart(header, square);
  }
  return foundCount();
}

function sortParts(count: i32): void {
  for (let i = 0; i < count; i++) {
    const header: usize = load<u32>(workTable + 4 * i);
    const square = squareFrom(header);
    let at = i;
    while (at > 0 && load<f32>(order + 8 * (at - 1)) > square) {
      store<u64>(order + 8 * at, load<u64>(order + 8 * (at - 1)));
      at--;
    }
    store<f32>(order + 8 * at, square);
    store<u32>(order + 8 * at, <u32>header, 4);
  }
}
