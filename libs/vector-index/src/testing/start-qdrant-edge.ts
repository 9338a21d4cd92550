import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Python that has `qdrant-edge-py`: `QDRANT_EDGE_PYTHON`, else the `python3` of the path if it has it. For specs only. */
export function pythonWithQdrantEdge(): string | undefined {
  const python = process.env['QDRANT_EDGE_PYTHON'] ?? 'python3';
  return spawnSync(python, ['-c', 'import qdrant_edge'], { timeout: 20_000 }).status === 0 ? python : undefined;
}

export interface QdrantEdge {
  url: string;
  stop(): Promise<void>;
}

/** Qdrant's engine behind its REST interface, as far as the adapter uses it. For specs only. */
export async function startQdrantEdge(python: string): Promise<QdrantEdge> {
  const folder = mkdtempSync(path.join(tmpdir(), 'qdrant-edge-'));
  const script = path.join(__dirname, 'qdrant-edge-server.py');
  const server = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const port = await Promise.race([
    once(server.stdout, 'data').then(([chunk]) => Number(String(chunk).trim())),
    ended.then(() => Promise.reject(new Error('the engine did not start'))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
