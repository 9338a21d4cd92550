import { kernelBase64 } from './kernel-wasm';

/** What the kernel exports; addresses are byte offsets into its memory. The `.as` files say what each function does. */
export interface Kernel {
  configure(dimension: number, maxResults: number, tableEntries: number, pageBytes: number, sigmas: number): number;
  queryAddress(): number;
  rowsAddress(): number;
  rowScalesAddress(): number;
  similaritiesAddress(): number;
  numbersAddress(): number;
  tableAddress(): number;
  itemsPerPage(): number;
  beginQuery(limit: number, minSimilarity: number, nowMs: number): void;
  writeSlot(slot: number, recordNumber: number, expiresAtMs: number): void;
  scanSlots(count: number): number;
  addSlot(slot: number, floats: number): void;
  examinedCount(): number;
  projectQuery(): void;
  beginPart(header: number): void;
  appendSketch(header: number, slot: number): void;
  removeSketch(header: number, position: number): void;
  distanceSquareTo(header: number, slot: number): number;
  nearestTo(slot: number, headers: number): number;
  findMisplaced(header: number, from: number, downTo: number, headers: number): number;
  scanParts(count: number, reach: number): number;
  scanOnePart(header: number): number;
}

/** The part of WebAssembly that is used here; Node's types leave it to the browser's. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
  Memory: new (limits: { initial: number; maximum: number }) => KernelMemory;
}

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** Throws a RangeError when there is no more. */
  grow(pages: number): number;
}

/** Bytes of a page, by which memory grows. */
export const WASM_PAGE_BYTES = 65_536;
/** 4 GiB: what 32-bit addresses reach. */
const MAX_PAGES = 65_536;

const { WebAssembly: api } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
let compiled: object | undefined;

/** A kernel with a memory of its own. The module is compiled once a process. */
export function loadKernel(initialBytes: number): { kernel: Kernel; memory: KernelMemory } {
  compiled ??= new api.Module(Buffer.from(kernelBase64, 'base64'));
  const memory = new api.Memory({ initial: Math.ceil(initialBytes / WASM_PAGE_BYTES), maximum: MAX_PAGES });
  const abort = (): never => {
    throw new Error('the search kernel gave up');
  };
  const { exports } = new api.Instance(compiled, { env: { memory, abort } });
  return { kernel: exports as Kernel, memory };
}
