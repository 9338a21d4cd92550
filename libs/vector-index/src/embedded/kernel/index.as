// What JavaScript calls. `node tools/generate-kernel.mjs` compiles these files (AssemblyScript) into kernel-wasm.ts; the method is
// described in ../README.md. All state is in the memory that JavaScript hands in; nothing here allocates.
export {
  configure,
  queryAddress,
  rowsAddress,
  rowScalesAddress,
  similaritiesAddress,
  numbersAddress,
  tableAddress,
  itemsPerPage,
} from './work-area';
export { beginQuery, writeSlot, scanSlots, addSlot, examinedCount } from './vectors';
export { projectQuery, beginPart, appendSketch, removeSketch, distanceSquareTo, nearestTo, findMisplaced } from './sketches';
export { scanParts, scanOnePart } from './scan';
