import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { FORBIDDEN_ADDRESS } from '../openai-compatible/map-transport-error';
import type { HostPolicy } from './host-policy';

type ResolveAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for `net.connect` and `tls.connect` that hands out checked addresses only. The connection goes to the very address that was
 * looked at, and each new one is looked at again: a name that leads elsewhere a moment later (DNS rebinding) gains nothing. One
 * forbidden address among several is enough to refuse the name: an honest one has none.
 */
export function createCheckedLookup(policy: HostPolicy, resolve: ResolveAll = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = error ? [] : addresses;
      if (error || !first) return callback(error ?? notFound(hostname), '');
      const isForbidden = addresses.some(({ address }) => !policy.isAllowedAddress(hostname, address));
      if (isForbidden) return callback(forbidden(hostname), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

const forbidden = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${hostname} leads to a private or reserved address`), { code: FORBIDDEN_ADDRESS });

const notFound = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
