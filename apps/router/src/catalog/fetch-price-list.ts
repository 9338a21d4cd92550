import { isAllowedListUrl } from './catalog-settings';

export interface PriceListOptions {
  /** https, or http on this machine; see {@link isAllowedListUrl}. */
  readonly url: string;
  /** For the whole exchange: redirects and the body included. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const MOST_REDIRECTS = 3;

/**
 * Gets the text of an open price list. Redirects are followed on the same host only, so that whoever runs it, and nobody else, says what is
 * charged here.
 * @throws Error with a reason in a few words: not reached, too slow, a redirect elsewhere, status, too large.
 */
export async function fetchPriceList({ url, timeoutMs, maxBytes }: PriceListOptions): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  let where = new URL(url);
  for (let redirects = 0; ; redirects++) {
    if (!isAllowedListUrl(where.href)) throw new Error('its address is neither https nor on this machine');
    const response = await fetch(where, { headers: { accept: 'application/json' }, signal, redirect: 'manual' });
    if (response.status === 200) return readBounded(response, maxBytes);
    await response.body?.cancel();
    const location = response.headers.get('location');
    const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && location !== null;
    if (!isRedirect) throw new Error(`the server answered with status ${response.status}`);
    if (redirects >= MOST_REDIRECTS) throw new Error(`it redirects more than ${MOST_REDIRECTS} times`);
    const next = new URL(location, where);
    if (next.host !== where.host) throw new Error(`it redirects to another host, ${next.host}`);
    where = next;
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
