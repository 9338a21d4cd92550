// Where everything stands in memory. A slot is one vector, a part a group's records around one centre.
//
// slot:            int8[dimension] · int4[dimension] · f32 scale · u32 record number · f64 expiresAtMs
// header of a part: f32[dimension] centre · f32[128] its projection · f32 its square · u32 count · u32[] addresses of its pages
// page of a part:  per block of 16 records, block after block: u8[128] first planes; then u8[128] second planes; then u32[16]
//                  addresses of slots; then u8 least and u8 largest radius
//
// A sketch has 128 bits: the signs of (vector − centre) projected on 128 directions. A plane holds the same byte of 16 sketches side
// by side, so that one instruction looks up four bits of 16 records.

export const BITS: usize = 128;
/** Planes of one half of a block: 64 bits of 16 records. */
export const HALF_BYTES: usize = 128;
const BLOCK_BYTES: usize = 322;
/** A query's largest number; 12 bits, so that 16,384 products with int8 numbers fit into 32 bits. */
export const QUERY_MAX: f32 = 4095;
/** Radii are kept in 64ths, rounded outwards. Edge 129 stands for the radius at which the angle is widest. */
export const EDGES_PER_UNIT: f32 = 64;
export const WIDEST_EDGE: u32 = 129;

/** Numbers a vector, a multiple of 32. */
export let dimension: usize = 0;
/** The floats that JavaScript writes: a query, or a record's vector. */
export let queryFloats: usize = 0;
export let queryShorts: usize = 0;
export let itemShorts: usize = 0;
export let itemFloats: usize = 0;
export let queryProjection: usize = 0;
export let residual: usize = 0;
/** 32 tables of 16 bytes: what each four bits of a sketch add. */
export let tables: usize = 0;
export let rowScales: usize = 0;
/** int8[128][dimension]: the directions. */
export let rows: usize = 0;
export let topSimilarities: usize = 0;
export let topNumbers: usize = 0;
/** u32 stamp · u8 least sum of the first planes · u8 least mean of both halves · u8 whether no angle would do; an edge each. */
export let limits: usize = 0;
/** f32 square of the distance · u32 header, a part each, nearest first. */
export let order: usize = 0;
/** u32[]: slots or headers that JavaScript wants searched. */
export let workTable: usize = 0;
export let blocksPerPage: usize = 0;
export let maxResults: i32 = 0;
/** Standard deviations of a sketch's error below the expected sum that still count. */
export let confidence: f32 = 0;

/** Lays out the work area from address 1024 on. Gives its end. */
export function configure(size: i32, results: i32, tableEntries: i32, pageBytes: i32, sigmas: f32): usize {
  dimension = size;
  maxResults = results;
  blocksPerPage = <usize>pageBytes / BLOCK_BYTES;
  confidence = sigmas;
  queryFloats = 1024;
  queryShorts = queryFloats + 4 * dimension;
  itemShorts = queryShorts + 2 * dimension;
  itemFloats = itemShorts + 2 * dimension;
  queryProjection = itemFloats + 4 * dimension;
  residual = queryProjection + 4 * BITS;
  tables = residual + 4 * BITS;
  rowScales = tables + 4 * BITS;
  rows = rowScales + 4 * BITS;
  topSimilarities = rows + dimension * BITS;
  topNumbers = topSimilarities + 4 * results;
  limits = topNumbers + 4 * results;
  order = limits + 8 * (WIDEST_EDGE + 1);
  workTable = order + 8 * tableEntries;
  return workTable + 4 * tableEntries;
}

export function queryAddress(): usize { return queryFloats; }
export function rowsAddress(): usize { return rows; }
export function rowScalesAddress(): usize { return rowScales; }
export function similaritiesAddress(): usize { return topSimilarities; }
export function numbersAddress(): usize { return topNumbers; }
export function tableAddress(): usize { return workTable; }
export function itemsPerPage(): usize { return blocksPerPage * 16; }
