// Vectors in slots, their exact comparison with the query, and the list of the best matches.
import { QUERY_MAX, dimension, itemFloats, itemShorts, maxResults, queryFloats, queryShorts, topNumbers, topSimilarities, workTable } from './work-area';

let limit: i32 = 0;
let found: i32 = 0;
let nowMs: f64 = 0;
let examined: i32 = 0;
export let queryScale: f32 = 0;
/** What a match must reach: the least similarity asked for, then that of the last in a full list. */
export let threshold: f32 = 0;

/** Vectors compared in full since `beginQuery`. */
export function examinedCount(): i32 { return examined; }
@inline
export function foundCount(): i32 { return found; }
@inline
export function scaleOf(slot: usize): f32 { return load<f32>(slot + dimension + dimension / 2); }

@inline
export function sumOfFloats(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3);
}

@inline
function sumOfInts(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

export function largestOf(floats: usize): f32 {
  let most = f32x4.splat(0);
  for (let i: usize = 0; i < dimension; i += 4) most = f32x4.max(most, f32x4.abs(v128.load(floats + 4 * i)));
  const a = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  return max(a, max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
}

@inline
function toInts(floats: v128): v128 { return i32x4.trunc_sat_f32x4_s(f32x4.nearest(floats)); }

/** Writes floats as 16-bit numbers up to QUERY_MAX; gives what one of them is worth. */
export function toShorts(floats: usize, shorts: usize): f32 {
  const most = largestOf(floats);
  const by = f32x4.splat(most > 0 ? QUERY_MAX / most : 0);
  for (let i: usize = 0; i < dimension; i += 8) {
    const a = toInts(f32x4.mul(v128.load(floats + 4 * i), by));
    const b = toInts(f32x4.mul(v128.load(floats + 4 * i, 16), by));
    v128.store(shorts + 2 * i, i16x8.narrow_i32x4_s(a, b));
  }
  return most / QUERY_MAX;
}

/** Takes the floats at `queryAddress()` for a query and begins with an empty list of matches. */
export function beginQuery(results: i32, minSimilarity: f32, now: f64): void {
  queryScale = toShorts(queryFloats, queryShorts);
  limit = min(results, maxResults);
  found = 0;
  threshold = minSimilarity;
  nowMs = now;
  examined = 0;
}

/** Writes 16 floats times `by` as int8 numbers; gives what they leave, in sixteenths, from 0 (−8) to 15 (7). */
@inline
function writeBytes(floats: usize, by: v128, bytes: usize): v128 {
  const a = f32x4.mul(v128.load(floats), by);
  const b = f32x4.mul(v128.load(floats, 16), by);
  const c = f32x4.mul(v128.load(floats, 32), by);
  const d = f32x4.mul(v128.load(floats, 48), by);
  v128.store(bytes, i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(toInts(a), toInts(b)), i16x8.narrow_i32x4_s(toInts(c), toInts(d))));
  const rest = i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(sixteenths(a), sixteenths(b)),
    i16x8.narrow_i32x4_s(sixteenths(c), sixteenths(d)),
  );
  return i8x16.add(i8x16.min_s(rest, i8x16.splat(7)), i8x16.splat(8));
}

@inline
function sixteenths(floats: v128): v128 {
  return toInts(f32x4.mul(f32x4.sub(floats, f32x4.nearest(floats)), f32x4.splat(16)));
}

/** Writes the floats at `queryAddress()` into a slot. */
export function writeSlot(slot: usize, number: u32, expiresAtMs: f64): void {
  const most = largestOf(queryFloats);
  const by = f32x4.splat(most > 0 ? 127 / most : 0);
  const nibbles = slot + dimension;
  for (let i: usize = 0; i < dimension; i += 32) {
    const low = writeBytes(queryFloats + 4 * i, by, slot + i);
    const high = writeBytes(queryFloats + 4 * i + 64, by, slot + i + 16);
    v128.store(nibbles + i / 2, v128.or(low, i16x8.shl(high, 4)));
  }
  const end = nibbles + dimension / 2;
  store<f32>(end, most / 127);
  store<u32>(end, number, 4);
  store<f64>(end, expiresAtMs, 8);
}

/** Product of int8 numbers with 16-bit ones. */
@inline
export function product(bytes: usize, shorts: usize): i32 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  const end = bytes + dimension;
  while (bytes < end) {
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(bytes), v128.load(shorts)));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load8x8_s(bytes, 8), v128.load(shorts, 16)));
    bytes += 16;
    shorts += 32;
  }
  return sumOfInts(i32x4.add(a, b));
}

@inline
function dotSixteen(bytes: v128, shorts: usize): v128 {
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(bytes), v128.load(shorts));
  return i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(bytes), v128.load(shorts, 16)));
}

/** Product of a slot's last four bits with the query, in sixteenths of `product`. */
function fineProduct(slot: usize): i32 {
  let sum = i32x4.splat(0);
  const nibbles = slot + dimension;
  for (let i: usize = 0; i < dimension; i += 32) {
    const both = v128.load(nibbles + i / 2);
    const low = i8x16.sub(v128.and(both, i8x16.splat(15)), i8x16.splat(8));
    const high = i8x16.sub(v128.and(i16x8.shr_u(both, 4), i8x16.splat(15)), i8x16.splat(8));
    sum = i32x4.add(sum, dotSixteen(low, queryShorts + 2 * i));
    sum = i32x4.add(sum, dotSixteen(high, queryShorts + 2 * i + 32));
  }
  return sumOfInts(sum);
}

/** Compares one slot with the query and puts it into the list where it belongs there. Gives whether the threshold rose. */
@inline
export function examine(slot: usize): bool {
  examined++;
  const scale = scaleOf(slot);
  const coarse = <f32>product(slot, queryShorts);
  // Rounding to int8 moves a similarity by 0.29 × scale (standard deviation); what is further below cannot come back.
  if (coarse * queryScale * scale < threshold - <f32>1.5 * scale) return false;
  const similarity = (coarse + <f32>fineProduct(slot) * <f32>0.0625) * queryScale * scale;
  return isAmongBest(similarity, slot + dimension + dimension / 2);
}

function isAmongBest(similarity: f32, trailer: usize): bool {
  if (similarity < threshold || (found === limit && similarity <= threshold)) return false;
  if (load<f64>(trailer, 8) <= nowMs) return false;
  let at = found < limit ? found++ : limit - 1;
  while (at > 0 && load<f32>(topSimilarities + 4 * (at - 1)) < similarity) {
    store<f32>(topSimilarities + 4 * at, load<f32>(topSimilarities + 4 * (at - 1)));
    store<u32>(topNumbers + 4 * at, load<u32>(topNumbers + 4 * (at - 1)));
    at--;
  }
  store<f32>(topSimilarities + 4 * at, similarity);
  store<u32>(topNumbers + 4 * at, load<u32>(trailer, 4));
  if (found < limit) return false;
  threshold = load<f32>(topSimilarities + 4 * (limit - 1));
  return true;
}

/** Compares the query with each slot of the work table. Gives how many matches there are by now. */
export function scanSlots(count: i32): i32 {
  for (let i = 0; i < count; i++) examine(load<u32>(workTable + 4 * i));
  return found;
}

/** Product of floats with floats, in four sums, so that one addition need not wait for the other. */
@inline
export function dotFloats(a: usize, b: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const end = a + 4 * dimension;
  while (a < end) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
    a += 64;
    b += 64;
  }
  return sumOfFloats(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** Product of a slot's int8 numbers with floats. */
export function slotProduct(slot: usize, floats: usize): f32 {
  unpack(slot);
  return dotFloats(itemFloats, floats);
}

/** Adds a slot's int8 numbers to floats. */
export function addSlot(slot: usize, floats: usize): void {
  const scale = f32x4.splat(scaleOf(slot));
  for (let i: usize = 0; i < dimension; i += 8) {
    const wide = v128.load8x8_s(slot + i);
    const at = floats + 4 * i;
    const low = f32x4.mul(scale, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(wide)));
    const high = f32x4.mul(scale, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(wide)));
    v128.store(at, f32x4.add(v128.load(at), low));
    v128.store(at, f32x4.add(v128.load(at, 16), high), 16);
  }
}

/** A slot's int8 numbers as 16-bit ones at `itemShorts`; gives the square of its vector's length. */
export function widen(slot: usize): f32 {
  for (let i: usize = 0; i < dimension; i += 8) v128.store(itemShorts + 2 * i, v128.load8x8_s(slot + i));
  const scale = scaleOf(slot);
  return <f32>product(slot, itemShorts) * scale * scale;
}

/** A slot's int8 numbers as floats at `itemFloats`. */
export function unpack(slot: usize): void {
  const scale = f32x4.splat(scaleOf(slot));
  for (let i: usize = 0; i < dimension; i += 8) {
    const wide = v128.load8x8_s(slot + i);
    v128.store(itemFloats + 4 * i, f32x4.mul(scale, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(wide))));
    v128.store(itemFloats + 4 * i, f32x4.mul(scale, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(wide))), 16);
  }
}
