// Parts: a centre, and the sketches of the records around it.
import {
  BITS,
  EDGES_PER_UNIT,
  HALF_BYTES,
  blocksPerPage,
  dimension,
  itemFloats,
  itemShorts,
  queryProjection,
  queryShorts,
  residual,
  rowScales,
  rows,
  workTable,
} from './work-area';
import { dotFloats, product, queryScale, scaleOf, slotProduct, toShorts, unpack, widen } from './vectors';

@inline
export function projectionOf(header: usize): usize { return header + 4 * dimension; }
@inline
export function squareOf(header: usize): f32 { return load<f32>(projectionOf(header) + 4 * BITS); }
@inline
export function countOf(header: usize): u32 { return load<u32>(projectionOf(header) + 4 * BITS, 4); }
@inline
function setCount(header: usize, count: usize): void { store<u32>(projectionOf(header) + 4 * BITS, <u32>count, 4); }
@inline
export function pagesOf(header: usize): usize { return projectionOf(header) + 4 * BITS + 8; }

@inline
export function planesOf(page: usize, block: usize, isSecond: bool): usize {
  return page + ((isSecond ? blocksPerPage : 0) + block) * HALF_BYTES;
}
@inline
export function slotsOf(page: usize, block: usize): usize { return page + blocksPerPage * 256 + block * 64; }
@inline
export function edgesOf(page: usize, block: usize): usize { return page + blocksPerPage * 320 + block * 2; }

@inline
function pageOf(header: usize, position: usize): usize {
  return load<u32>(pagesOf(header) + 4 * (position / (16 * blocksPerPage)));
}
@inline
function blockOf(position: usize): usize { return (position / 16) % blocksPerPage; }

/** Projects 16-bit numbers on the 128 directions. */
function project(shorts: usize, scale: f32, into: usize): void {
  for (let row: usize = 0; row < BITS; row++) {
    const value = <f32>product(rows + row * dimension, shorts) * scale * load<f32>(rowScales + 4 * row);
    store<f32>(into + 4 * row, value);
  }
}

/** Must follow `beginQuery` before parts are searched. */
export function projectQuery(): void { project(queryShorts, queryScale, queryProjection); }

/** Makes an empty part of a header that has its centre already. */
export function beginPart(header: usize): void {
  const scale = toShorts(header, itemShorts);
  project(itemShorts, scale, projectionOf(header));
  store<f32>(projectionOf(header) + 4 * BITS, dotFloats(header, header));
  setCount(header, 0);
}

/** Square of a slot's distance from a part's centre, as if rounding had left its vector at unit length. */
export function distanceSquareTo(header: usize, slot: usize): f32 {
  return 1 + squareOf(header) - 2 * slotProduct(slot, header);
}

/** Which of the headers in the work table has the centre nearest to a slot's vector. */
export function nearestTo(slot: usize, count: i32): i32 {
  unpack(slot);
  let nearest = 0;
  let least = f32.MAX_VALUE;
  for (let i = 0; i < count; i++) {
    const header: usize = load<u32>(workTable + 4 * i);
    const square = squareOf(header) - 2 * dotFloats(header, itemFloats);
    if (square < least) {
      least = square;
      nearest = i;
    }
  }
  return nearest;
}

/**
 * The last position of a part, from one down to another, whose record is nearer to the centre of a header in the work table; −1 where
 * all are nearest to their own.
 */
export function findMisplaced(header: usize, from: i32, downTo: i32, count: i32): i32 {
  for (let position = from; position >= downTo; position--) {
    const slot: usize = load<u32>(slotsOf(pageOf(header, position), blockOf(position)) + 4 * (position % 16));
    unpack(slot);
    const own = squareOf(header) - 2 * dotFloats(header, itemFloats);
    for (let i = 0; i < count; i++) {
      const other: usize = load<u32>(workTable + 4 * i);
      if (squareOf(other) - 2 * dotFloats(other, itemFloats) < own) return position;
    }
  }
  return -1;
}

/** Appends a slot's sketch to a part, which has the page for it already. */
export function appendSketch(header: usize, slot: usize): void {
  const position: usize = countOf(header);
  setCount(header, position + 1);
  const page = pageOf(header, position);
  const block = blockOf(position);
  const lane = position % 16;
  const norm = widen(slot);
  const radius: f32 = sqrt(max<f32>(norm + squareOf(header) - 2 * slotProduct(slot, header), 0));
  project(itemShorts, scaleOf(slot), residual);
  const centre = projectionOf(header);
  for (let plane: usize = 0; plane < 16; plane++) {
    let bits: u32 = 0;
    for (let bit: usize = 0; bit < 8; bit++) {
      const at: usize = 4 * (plane * 8 + bit);
      bits |= <u32>(load<f32>(residual + at) >= load<f32>(centre + at)) << <u32>bit;
    }
    store<u8>(planesOf(page, block, plane >= 8) + 16 * (plane % 8) + lane, <u8>bits);
  }
  store<u32>(slotsOf(page, block) + 4 * lane, <u32>slot);
  const least = <u8>min<f32>(floor(radius * EDGES_PER_UNIT), 127);
  const most = <u8>min<f32>(ceil(radius * EDGES_PER_UNIT), 128);
  widenEdges(edgesOf(page, block), least, most, lane === 0);
}

@inline
function widenEdges(edges: usize, least: u8, most: u8, isFirst: bool): void {
  store<u8>(edges, isFirst ? least : min(least, load<u8>(edges)));
  store<u8>(edges, isFirst ? most : max(most, load<u8>(edges, 1)), 1);
}

/** Removes the sketch at a position; the part's last one takes its place. */
export function removeSketch(header: usize, position: usize): void {
  const last: usize = countOf(header) - 1;
  setCount(header, last);
  if (position === last) return;
  const page = pageOf(header, position);
  const block = blockOf(position);
  const lane = position % 16;
  const lastPage = pageOf(header, last);
  const lastBlock = blockOf(last);
  const lastLane = last % 16;
  for (let plane: usize = 0; plane < 16; plane++) {
    const from = planesOf(lastPage, lastBlock, plane >= 8) + 16 * (plane % 8) + lastLane;
    store<u8>(planesOf(page, block, plane >= 8) + 16 * (plane % 8) + lane, load<u8>(from));
  }
  store<u32>(slotsOf(page, block) + 4 * lane, load<u32>(slotsOf(lastPage, lastBlock) + 4 * lastLane));
  const edges = edgesOf(lastPage, lastBlock);
  widenEdges(edgesOf(page, block), load<u8>(edges), load<u8>(edges, 1), false);
}
