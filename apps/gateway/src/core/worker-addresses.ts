import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Logger } from '@costlane/platform';

/** Gives the IP addresses that a host's name stands for now; rejects when that cannot be found out. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

export interface AddressChange {
  added: string[];
  gone: string[];
}

export interface WorkerAddresses {
  /** Asks again soon: a connection was lost, so what is known may be old. */
  refresh(): void;
  close(): void;
}

/** Pods come and go within seconds. */
const ASK_INTERVAL_MS = 5_000;
/** Between two questions, however many connections are lost at once. */
const ASK_MIN_INTERVAL_MS = 500;

/** What has to be opened and closed to get from `known` to `found`. */
export function compareAddresses(known: Iterable<string>, found: Iterable<string>): AddressChange {
  const [before, after] = [new Set(known), new Set(found)];
  return {
    added: [...after].filter((address) => !before.has(address)),
    gone: [...before].filter((address) => !after.has(address)),
  };
}

/** Host and port of an address that has to be looked up; undefined for one that already says where to connect. */
export function namedHost(address: string): { host: string; port: string } | undefined {
  const [, host, port] = /^(?:dns:(?:\/\/\/)?)?([^:/[\]]+):(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined || isIP(host) !== 0) return undefined;
  return { host, port };
}

/**
 * Follows the places that a list of addresses stands for: IP addresses are told at once, names each time that what they resolve to has
 * changed. gRPC's own resolver would do for one connection; here each place behind a name gets one of its own.
 */
export function watchWorkerAddresses(options: {
  addresses: readonly string[];
  logger: Logger;
  onChange: (change: AddressChange) => void;
  resolve?: ResolveHost;
  askIntervalMs?: number;
  askMinIntervalMs?: number;
}): WorkerAddresses {
  const { logger, resolve = lookUp, askIntervalMs = ASK_INTERVAL_MS } = options;
  const askMinIntervalMs = options.askMinIntervalMs ?? ASK_MIN_INTERVAL_MS;
  const literals = options.addresses.filter((address) => !namedHost(address));
  const names = options.addresses.flatMap((address) => namedHost(address) ?? []).map((name) => follow(name, logger));
  let known: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let askedAtMs = -Infinity;
  let isAsking = false;
  let isAskedAgain = false;
  let isClosed = false;

  const apply = (): void => {
    const found = [...new Set([...literals, ...names.flatMap((name) => name.found)])];
    const change = compareAddresses(known, found);
    known = found;
    if (change.added.length + change.gone.length > 0) options.onChange(change);
  };
  const askAfter = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), delayMs).unref();
  };
  const ask = async (): Promise<void> => {
    isAsking = true;
    askedAtMs = performance.now();
    await Promise.all(names.map((name) => name.ask(resolve)));
    isAsking = false;
    if (isClosed) return;
    apply();
    askAfter(isAskedAgain ? askMinIntervalMs : askIntervalMs);
    isAskedAgain = false;
  };

  apply();
  if (names.length > 0) void ask();
  return {
    refresh() {
      if (isClosed || names.length === 0) return;
      if (isAsking) isAskedAgain = true;
      else askAfter(Math.max(0, askedAtMs + askMinIntervalMs - performance.now()));
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

interface FollowedName {
  found: string[];
  ask(resolve: ResolveHost): Promise<void>;
}

/** A name and what it last stood for. A lookup that fails changes nothing: DNS may be away while the workers are there. */
function follow({ host, port }: { host: string; port: string }, logger: Logger): FollowedName {
  let hasWarned = false;
  const name: FollowedName = {
    found: [],
    async ask(resolve) {
      try {
        const ips = await resolve(host);
        name.found = ips.map((ip) => (isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`));
        hasWarned = false;
      } catch (err) {
        // One line an outage, however often it is tried.
        if (!hasWarned) logger.warn({ err, host }, 'workers cannot be looked up by name, trying on');
        hasWarned = true;
      }
    },
  };
  return name;
}

const lookUp: ResolveHost = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);
