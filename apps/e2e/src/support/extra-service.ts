import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, waitFor } from '@costlane/testing';

/** A further process of a service, beside those that the launcher runs. */
export interface ExtraService {
  /** HTTP base, for readiness and metrics. */
  url: string;
  /** Ends it at once, whatever it has in hand. */
  kill(): Promise<void>;
  /** Ends it if it still runs and removes what it wrote. */
  remove(): Promise<void>;
}

const ROOT = path.resolve(__dirname, '../../../..');
const READY_TIMEOUT_MS = 20_000;
const KEY_SECRET_FILE = 'key-secret';

/**
 * Starts one more process of a service against the stack under test, whose environment this process has, and waits until it is ready.
 * It listens on ports and writes to a folder of its own; nobody starts it again.
 */
export async function startExtraService(name: 'provider-worker' | 'batcher' | 'gateway'): Promise<ExtraService> {
  const folder = mkdtempSync(path.join(tmpdir(), `costlane-e2e-${name}-`));
  const logFile = path.join(folder, 'log');
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const prefix = name.replaceAll('-', '_').toUpperCase();
  if (name === 'gateway') shareKeySecret(folder);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/apps', name, 'main.mjs')], {
    cwd: ROOT,
    env: {
      ...process.env,
      // The launcher's word on where its own gateway listens.
      API_PORT: String(httpPort),
      NODE_ENV: 'production',
      [`${prefix}_HTTP_PORT`]: String(httpPort),
      [`${prefix}_GRPC_PORT`]: String(grpcPort),
      COSTLANE_DATA_DIR: folder,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  // A run that is broken off does not come to `remove`.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const extra: ExtraService = {
    url: `http://127.0.0.1:${httpPort}`,
    kill,
    async remove() {
      if (!hasExited()) await kill();
      process.off('exit', killAtExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await waitFor(async () => hasExited() || (await fetch(`${extra.url}/health/ready`)).ok, {
      timeoutMs: READY_TIMEOUT_MS,
      intervalMs: 100,
    });
    if (hasExited()) throw new Error(`it ended with code ${child.exitCode}`);
  } catch (error) {
    const output = readFileSync(logFile, 'utf8').slice(-2_000);
    await extra.remove();
    throw new Error(`a second ${name} did not start (${String(error)}):\n${output}`, { cause: error });
  }
  return extra;
}

/** Gateways know a key by a hash with a secret; where no setting says it, the first start of a data folder makes one. */
function shareKeySecret(folder: string): void {
  const made = path.join(process.env.COSTLANE_DATA_DIR ?? '', KEY_SECRET_FILE);
  if (!process.env.COSTLANE_KEY_SECRET && existsSync(made)) copyFileSync(made, path.join(folder, KEY_SECRET_FILE));
}

/** Sum of a counter over all its labels, as the service behind `url` has it now; 0 when it has not counted yet. */
export async function counterOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
