import { CostlaneError } from '@costlane/domain';
import { MAX_LIMIT } from '../check-input';
import { DIRECTIONS, type Directions } from './directions';
import { WASM_PAGE_BYTES, loadKernel, type Kernel, type KernelMemory } from './kernel/load-kernel';

/** Entries of the kernel's work table: slots or parts that one call looks at. */
export const TABLE_ENTRIES = 8_192;
/**
 * Standard deviations below its expected value at which a sketch still counts. On real questions (bench/) 2 lost nothing that mattered;
 * 2.5 costs a twentieth more.
 */
const SIGMAS = 2.5;
const TRAILER_BYTES = 16;
const GROWTH_BYTES = 1 << 20;
/** What 32-bit addresses reach. */
const MAX_BYTES = 2 ** 32;

/** Numbers a vector takes in a slot: the dimension, rounded up to what the kernel works on at once. */
export const paddedDimensionOf = (dimension: number): number => Math.ceil(dimension / 32) * 32;
/** Bytes of a vector in a slot, its scale included: 12 bits a number. */
export const vectorBytesOf = (dimension: number): number => paddedDimensionOf(dimension) * 1.5 + 4;

/**
 * The kernel's memory: slots of vectors, and pages of sketches. It only grows; to give memory back, what is left moves to a new arena
 * and the old one is forgotten.
 */
export class Arena {
  readonly kernel: Kernel;
  readonly paddedDimension: number;
  readonly slotBytes: number;
  readonly pageBytes: number;
  readonly itemsPerPage: number;
  /** Views of the memory; renewed whenever it grows, so they must not be kept. */
  bytes: Uint8Array = new Uint8Array();
  floats: Float32Array = new Float32Array();
  words: Uint32Array = new Uint32Array();
  private doubles: Float64Array = new Float64Array();
  private readonly memory: KernelMemory;
  private readonly freeSlots: number[] = [];
  private readonly freePages: number[] = [];
  private slotCount = 0;
  private pageCount = 0;
  private end: number;

  constructor(
    readonly dimension: number,
    directions: Directions,
  ) {
    this.paddedDimension = paddedDimensionOf(dimension);
    this.slotBytes = this.paddedDimension * 1.5 + TRAILER_BYTES;
    this.pageBytes = dimension <= 1_536 ? 16_384 : 65_536;
    const { kernel, memory } = loadKernel(2 * GROWTH_BYTES);
    this.kernel = kernel;
    this.memory = memory;
    const { paddedDimension, pageBytes } = this;
    this.end = kernel.configure(paddedDimension, MAX_LIMIT, TABLE_ENTRIES, pageBytes, SIGMAS);
    this.renewViews();
    this.reserve(0);
    this.bytes.set(new Uint8Array(directions.rows.buffer), kernel.rowsAddress());
    this.floats.set(directions.scales.subarray(0, DIRECTIONS), kernel.rowScalesAddress() / 4);
    this.end = Math.ceil(this.end / this.pageBytes) * this.pageBytes;
    this.itemsPerPage = kernel.itemsPerPage();
  }

  /** Bytes that the memory has. */
  reservedBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Bytes in use by slots and pages. */
  usedBytes(): number {
    return this.slotCount * this.slotBytes + this.pageCount * this.pageBytes;
  }

  /** Puts a vector where the kernel reads queries and new records from. */
  setVector(vector: Float32Array): void {
    const at = this.kernel.queryAddress() / 4;
    this.floats.set(vector, at);
    if (this.paddedDimension > vector.length) this.floats.fill(0, at + vector.length, at + this.paddedDimension);
  }

  /** Throws `unavailable` when there is no more memory. */
  takeSlot(): number {
    if (this.freeSlots.length === 0) {
      const page = this.takeFreshPage();
      for (let at = page + this.pageBytes - this.slotBytes; at >= page; at -= this.slotBytes) this.freeSlots.push(at);
    }
    this.slotCount++;
    return this.freeSlots.pop() as number;
  }

  freeSlot(slot: number): void {
    this.slotCount--;
    this.freeSlots.push(slot);
  }

  /** A page for a part's header or sketches. Throws `unavailable` when there is no more memory. */
  takePage(): number {
    const page = this.freePages.pop() ?? this.takeFreshPage();
    this.pageCount++;
    return page;
  }

  freePage(page: number): void {
    this.pageCount--;
    this.freePages.push(page);
  }

  /** A slot's vector and scale, as `writeVector` takes them. */
  readVector(slot: number): Uint8Array {
    return this.bytes.subarray(slot, slot + this.slotBytes - TRAILER_BYTES + 4);
  }

  /** Fills a slot with a vector that came out of another one. */
  writeVector(slot: number, vector: Uint8Array, recordNumber: number, expiresAtMs: number): void {
    this.bytes.set(vector, slot);
    const trailer = slot + this.slotBytes - TRAILER_BYTES;
    this.words[trailer / 4 + 1] = recordNumber;
    this.doubles[trailer / 8 + 1] = expiresAtMs;
  }

  private takeFreshPage(): number {
    const page = this.end;
    this.reserve(this.pageBytes);
    this.end += this.pageBytes;
    return page;
  }

  private reserve(moreBytes: number): void {
    const missing = this.end + moreBytes - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    const { byteLength } = this.memory.buffer;
    const growth = Math.max(missing, Math.min(Math.max(GROWTH_BYTES, byteLength / 8), MAX_BYTES - byteLength));
    try {
      this.memory.grow(Math.ceil(growth / WASM_PAGE_BYTES));
    } catch (cause) {
      throw new CostlaneError('unavailable', 'there is no memory for more vectors', { cause });
    }
    this.renewViews();
  }

  private renewViews(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.floats = new Float32Array(buffer);
    this.words = new Uint32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }
}
