import { QdrantClient } from '@qdrant/js-client-rest';
import { CostlaneError } from '@costlane/domain';

export interface QdrantConnection {
  url: string;
  apiKey?: string;
  timeoutMs: number;
}

/** A client for one address. Throws `invalid_request` for one that is no URL. Without a port Qdrant's own is meant, 6333. */
export function connectQdrant({ url, apiKey, timeoutMs }: QdrantConnection): QdrantClient {
  const parsed = parseUrl(url);
  return new QdrantClient({
    url: parsed.origin,
    // Behind a proxy Qdrant may have a path; the client wants that apart.
    prefix: parsed.pathname === '/' ? undefined : parsed.pathname.replace(/\/$/, ''),
    // As a header: the client's own setting writes a warning to the console where the connection is not encrypted.
    headers: apiKey === undefined ? {} : { 'api-key': apiKey },
    timeout: timeoutMs,
    // It would ask for the version at once, and write to the console what it thinks of it.
    checkCompatibility: false,
  });
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new CostlaneError('invalid_request', 'has to be an http or https address', { field: 'url' });
}
