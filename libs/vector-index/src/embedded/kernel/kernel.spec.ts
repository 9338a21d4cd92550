import { execFileSync } from 'node:child_process';
import path from 'node:path';

const generator = path.join(__dirname, '../../../../../tools/generate-kernel.mjs');

describe('the compiled kernel', () => {
  it('is what its sources give', () => {
    execFileSync(process.execPath, [generator, '--check'], { stdio: 'pipe' });
    // The compiler takes seconds where much else is going on.
  }, 60_000);
});
