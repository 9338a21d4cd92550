import { isIP } from 'node:net';
import { isThisMachine, type HostPolicy } from './host-policy';

/**
 * A provider's base URL, if calls may go there: https, or plain http to this machine and to hosts that the operator has listed; where the
 * host is an address, one that is allowed. What a name leads to is looked at with every connection (`checked-lookup.ts`).
 * @throws with a sentence that names the provider and says what would be right.
 */
export function checkBaseUrl(provider: string, baseUrl: string, policy: HostPolicy): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`provider ${provider}: the base URL must be an http(s) URL such as https://api.openai.com/v1`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(`provider ${provider}: the base URL must not hold credentials; the key has a setting of its own`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !policy.isAllowedAddress(host, host)) {
    throw new Error(`provider ${provider}: ${host} is a private or reserved address; ${howToAllow(host)}`);
  }
  if (url.protocol === 'http:' && !isThisMachine(host) && !policy.isAllowedHost(host)) {
    throw new Error(
      `provider ${provider}: plain http is taken from this machine only; use https, or ${howToAllow(host)}`,
    );
  }
  return url;
}

const howToAllow = (host: string): string => `add ${host} to PROVIDER_ALLOWED_HOSTS`;
