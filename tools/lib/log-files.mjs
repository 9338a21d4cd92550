// Log files do not grow without limit: a large one is copied to `<name>.1` and emptied in place.
import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

const largestSizeBytes = 50 * 1024 * 1024;

/** Rotates every log of the data folder above `limitBytes`. The writers append, so emptying the file under them is safe. */
export function rotateLogs(dataDir, limitBytes = largestSizeBytes) {
  const folder = path.join(dataDir, 'logs');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
    const file = path.join(folder, name);
    if (statSync(file).size <= limitBytes) continue;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  }
}
