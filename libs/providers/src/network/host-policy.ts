import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Which hosts provider calls may go to. */
export interface HostPolicy {
  /** The operator has named this host: plain http and private addresses are right there. */
  isAllowedHost(hostname: string): boolean;
  /** Whether a connection for a host may go to an address (both as text). */
  isAllowedAddress(hostname: string, address: string): boolean;
}

/**
 * A policy that lets public addresses through, this machine where a URL says so in plain words (`localhost`, `127.0.0.1`, `[::1]`), and
 * the hosts that the operator lists: names, addresses, and ranges such as `10.0.0.0/8`. What is written as a range is meant for
 * whatever name leads there.
 * @throws for an entry that is none of these.
 */
export function createHostPolicy(allowedHosts: readonly string[] = []): HostPolicy {
  const names = new Set<string>();
  const ranges: Range[] = [];
  for (const entry of allowedHosts) {
    const range = parseRange(entry);
    if (range) ranges.push(range);
    else names.add(checkedName(entry));
  }
  const isInRange = (address: Address): boolean => ranges.some((range) => isWithin(address, range));
  const isAllowedHost = (hostname: string): boolean => {
    const address = parseAddress(hostname);
    return names.has(normalised(hostname)) || (address !== undefined && isInRange(address));
  };
  return {
    isAllowedHost,
    isAllowedAddress(hostname, text) {
      const address = parseAddress(text);
      if (!address) return false;
      if (address.range() === 'unicast' || isInRange(address) || names.has(normalised(hostname))) return true;
      return address.range() === 'loopback' && isThisMachine(hostname);
    },
  };
}

/** A host that can only mean this machine, by its name or number. */
export function isThisMachine(hostname: string): boolean {
  if (normalised(hostname) === 'localhost') return true;
  return parseAddress(hostname)?.range() === 'loopback';
}

/** Addresses in every notation that connecting understands; IPv4 in IPv6's clothes (`::ffff:10.0.0.1`) as the IPv4 that it is. */
function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function parseRange(entry: string): Range | undefined {
  if (!entry.includes('/')) {
    const address = parseAddress(entry);
    return address && [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  if (!ipaddr.isValidCIDR(entry)) {
    throw new Error(`allowed hosts: "${entry}" is no range of addresses such as 10.0.0.0/8`);
  }
  return ipaddr.parseCIDR(entry);
}

const isWithin = (address: Address, [base, bits]: Range): boolean =>
  address.kind() === base.kind() && address.match(base, bits);

const normalised = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '');

function checkedName(entry: string): string {
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/i.test(entry)) {
    throw new Error(`allowed hosts: "${entry}" is no host name, address or range; without scheme, port and path`);
  }
  return normalised(entry);
}
