// A peer to compare with: Portkey's open-source gateway from npm, installed apart so that the product does not depend on it.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const version = '1.15.2';
const startTimeoutMs = 30_000;

/** Starts it on `port` as a pass-through to an OpenAI-compatible `upstream`. Resolves when it answers. */
export async function startPortkey(root, port, upstream) {
  const home = path.join(root, '.costlane/peers/portkey');
  const entry = path.join(home, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(entry)) {
    mkdirSync(home, { recursive: true });
    await promisify(execFile)('npm', [
      'install',
      '--prefix',
      home,
      '--no-audit',
      '--no-fund',
      `@portkey-ai/gateway@${version}`,
    ]);
  }
  const child = spawn(process.execPath, [entry, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const url = `http://127.0.0.1:${port}`;
  const endAt = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      if ((await fetch(url)).status < 500) break;
    } catch {
      if (Date.now() > endAt) throw new Error(`Portkey's gateway did not answer on port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return {
    child,
    url,
    headers: {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
      authorization: 'Bearer bench',
    },
  };
}
