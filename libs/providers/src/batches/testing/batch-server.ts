import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderConfig } from '../../provider-config';
import { createProviderBatches } from '../create-batches';
import type { ProviderBatches } from '../provider-batches';

/** Servers and adapters of a spec; everything that was opened is closed by `close`. */
export interface BatchServers {
  /** A Batch API that is asked at a server which answers so. */
  batchesFor(
    kind: ProviderConfig['kind'],
    answer: RequestListener,
    config?: Partial<ProviderConfig>,
  ): Promise<ProviderBatches>;
  close(): Promise<void>;
}

export function createBatchServers(): BatchServers {
  const servers: Server[] = [];
  const adapters: ProviderBatches[] = [];
  return {
    async batchesFor(kind, answer, config = {}) {
      const server = createServer(answer);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const batches = createProviderBatches({ name: kind, kind, baseUrl, ...config }, { baseDelayMs: 1 });
      if (!batches) throw new Error('no batches');
      adapters.push(batches);
      return batches;
    },
    async close() {
      await Promise.all(adapters.splice(0).map((batches) => batches.close()));
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
