import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rotateLogs } from './log-files.mjs';

test('a log above the limit is set aside and emptied under its writer, smaller ones are left alone', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'costlane-logs-'));
  const folder = path.join(dataDir, 'logs');
  mkdirSync(folder);
  const [large, small] = ['large.log', 'small.log'].map((name) => path.join(folder, name));
  const writer = openSync(large, 'a');
  try {
    writeSync(writer, 'x'.repeat(2_000));
    appendFileSync(small, 'short');
    rotateLogs(dataDir, 1_000);
    writeSync(writer, 'goes on');
    expect(readFileSync(large, 'utf8')).toBe('goes on');
    expect(readFileSync(`${large}.1`, 'utf8')).toHaveLength(2_000);
    expect(readFileSync(small, 'utf8')).toBe('short');
    expect(existsSync(`${small}.1`)).toBe(false);
  } finally {
    closeSync(writer);
    rmSync(dataDir, { recursive: true, force: true });
  }
});
