import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CostlaneError } from '@costlane/domain';
import { isObject } from './listed-model';
import { emptyStagedState, type StagedPricesStore, type StagedState } from './staged-prices';

const fileName = 'staged-prices.json';

/**
 * Keeps the state as one JSON file in a folder, which is made when something is first written. A write goes to a file beside it, which then takes
 * its place: whoever reads sees the state before or after. For one process: two would overwrite each other's changes.
 */
export function createFileStore(folder: string): StagedPricesStore {
  const file = path.join(folder, fileName);
  return {
    async read() {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (cause) {
        if (Object(cause).code === 'ENOENT') return emptyStagedState;
        throw cause;
      }
      return parseState(text, file);
    },
    async write(state) {
      await mkdir(folder, { recursive: true });
      const beside = `${file}.${process.pid}.tmp`;
      try {
        const handle = await open(beside, 'w', 0o600);
        try {
          await handle.writeFile(JSON.stringify(state));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(beside, file);
      } catch (cause) {
        await rm(beside, { force: true });
        throw cause;
      }
    },
  };
}

/** What this build wrote itself: its outer shape is looked at, so that a file of a later build or another hand is told, not misread. */
function parseState(text: string, file: string): StagedState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const lists = ['staged', 'applied', 'rejectedIds'];
  if (!isObject(json) || json['version'] !== 1 || lists.some((name) => !Array.isArray(Object(json)[name]))) {
    throw new CostlaneError('internal', `${file} does not hold staged prices of version 1; move it away or repair it.`);
  }
  return json as unknown as StagedState;
}
