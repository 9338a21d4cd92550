import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { CostlaneError } from '@costlane/domain';
import ipaddr from 'ipaddr.js';

/** Ranges beside `unicast` are private, local, reserved, or lead to an IPv4 address by a detour (NAT64, 6to4, Teredo). */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

export interface AddressRules {
  /** For tests on this machine: `http`, and addresses of the loopback. */
  isLoopbackAllowed?: boolean;
  /** Receivers of the operator's own, `host` or `host:port` in lower case: by `http` too, wherever the name leads. */
  allowedHosts?: readonly string[];
}

/** One that the operator names as an own receiver. */
export const isOwnReceiver = ({ host, hostname }: URL, { allowedHosts = [] }: AddressRules): boolean =>
  allowedHosts.includes(host) || allowedHosts.includes(hostname);

const isAllowed = (address: string, { isLoopbackAllowed = false }: AddressRules): boolean =>
  isPublicAddress(address) || (isLoopbackAllowed && ipaddr.process(address).range() === 'loopback');

const MAX_URL = 2_048;

/**
 * A webhook's URL as it may be stored: `https`, no name and password in it, no address that is not public.
 * @throws CostlaneError `invalid_request`
 */
export function checkWebhookUrl(text: string, rules: AddressRules = {}): URL {
  const refuse = (why: string): never => {
    throw new CostlaneError('invalid_request', `Field "webhook.url": ${why}`, { field: 'webhook.url' });
  };
  if (text.length > MAX_URL || !URL.canParse(text)) return refuse('must be a URL of at most 2,048 characters.');
  const url = new URL(text);
  const isOwn = isOwnReceiver(url, rules);
  if (url.protocol !== 'https:' && !((rules.isLoopbackAllowed || isOwn) && url.protocol === 'http:'))
    return refuse('must begin with https://.');
  if (url.username !== '' || url.password !== '') return refuse('must not hold a name or password.');
  const literal = literalOf(url);
  if (literal !== undefined && !isOwn && !isAllowed(literal, rules)) return refuse('must lead to a public address.');
  return url;
}

/** The address in a URL that has one instead of a name; a connection to it asks no resolver. */
function literalOf(url: URL): string | undefined {
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

export type Resolve = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const resolveBySystem: Resolve = (hostname, callback) => systemLookup(hostname, { all: true }, callback);

/**
 * A resolver for one connection. The address that was looked at is the one that is connected to: asked again, a name may lead elsewhere
 * (DNS rebinding). A name with one address that is not public is refused altogether.
 */
export function createPublicLookup(rules: AddressRules, resolve: Resolve = resolveBySystem): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address, rules)))
        return callback(Object.assign(new Error('the name leads to no public address'), { code: 'ENOTPUBLIC' }), '', 0);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
