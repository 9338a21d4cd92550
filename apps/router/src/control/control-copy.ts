import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ControlState } from './control-state';

/** The documents on this machine's disk, for a router that starts while the store is away. */
export interface ControlCopy {
  /** Undefined where there is none, or none that can be read. */
  read(): Promise<ControlState | undefined>;
  /** Rejects when the disk does not take it; the copy before is then still whole. */
  write(state: ControlState): Promise<void>;
}

const documentSchema = z.object({
  kind: z.string(),
  id: z.string(),
  json: z.string(),
  version: z.number(),
  isDeleted: z.boolean(),
  updatedAt: z.string(),
});
const copySchema = z.object({ v: z.literal(1), version: z.number(), documents: z.array(documentSchema) });

export function createControlCopy(dataDir: string): ControlCopy {
  const folder = path.join(dataDir, 'router');
  const file = path.join(folder, 'control.json');
  return {
    async read() {
      try {
        const { version, documents } = copySchema.parse(JSON.parse(await readFile(file, 'utf8')));
        return { version, live: new Map(documents.map((one) => [JSON.stringify([one.kind, one.id]), one])) };
      } catch {
        return undefined;
      }
    },
    async write({ version, live }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Under another name first: a copy that was cut off in the middle would be none. It holds system prompts: nobody else reads it.
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, JSON.stringify({ v: 1, version, documents: [...live.values()] }), { mode: 0o600 });
      await rename(draft, file);
    },
  };
}
