import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { errorCodeOf } from '../openai-compatible/error-code-of';
import { FORBIDDEN_ADDRESS, mapTransportError } from '../openai-compatible/map-transport-error';
import { createCheckedLookup } from './checked-lookup';
import { createHostPolicy } from './host-policy';

/** A resolver that gives these addresses, one list for each look-up, the last for ever. */
function resolverOf(...answers: string[][]) {
  let lookups = 0;
  const resolve: Parameters<typeof createCheckedLookup>[1] = (_hostname, _options, callback) => {
    const addresses = answers[Math.min(lookups++, answers.length - 1)] ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => callback(null, found));
  };
  return { resolve, lookups: () => lookups };
}

const look = (addresses: string[], all: boolean, allowed: string[] = []) =>
  new Promise((settle) => {
    const lookup = createCheckedLookup(createHostPolicy(allowed), resolverOf(addresses).resolve);
    lookup('api.example.com', { all }, (error, address, family) => settle(error ? error.code : [address, family]));
  });

describe('createCheckedLookup', () => {
  it('gives the addresses that it has checked, one or all as is asked', async () => {
    expect(await look(['8.8.8.8', '9.9.9.9'], false)).toEqual(['8.8.8.8', 4]);
    expect(await look(['8.8.8.8'], true)).toEqual([[{ address: '8.8.8.8', family: 4 }], undefined]);
  });

  it.each([['169.254.169.254'], ['::ffff:10.0.0.1'], ['fd00::1'], ['127.0.0.1']])('refuses %s', async (address) => {
    for (const all of [true, false]) expect(await look([address], all)).toBe(FORBIDDEN_ADDRESS);
  });

  it('refuses a name with a forbidden address among good ones', async () => {
    expect(await look(['8.8.8.8', '10.0.0.1'], true)).toBe(FORBIDDEN_ADDRESS);
  });

  it('names a host without an address, and hands the resolver’s own errors on', async () => {
    expect(await look([], true)).toBe('ENOTFOUND');
    const lookup = createCheckedLookup(createHostPolicy(), (_hostname, _options, callback) =>
      callback(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []),
    );
    expect(await new Promise((settle) => lookup('h', {}, (error) => settle(error?.code)))).toBe('EAI_AGAIN');
  });
});

describe('connections with it', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer((request, response) => {
      response.setHeader('connection', 'close');
      response.end(request.headers.host);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  it('go to the address that was checked, whatever the system’s resolver would say of the name', async () => {
    const { resolve } = resolverOf(['127.0.0.1']);
    const lookup = createCheckedLookup(createHostPolicy(['name.invalid']), resolve);
    const pool = new Pool(`http://name.invalid:${port}`, { connect: { lookup } });
    const { body } = await pool.request({ path: '/', method: 'GET' });
    expect(await body.text()).toBe(`name.invalid:${port}`);
    await pool.close();
  });

  it('are checked again each time: a name that leads elsewhere later is refused then, and it is no reason to try again', async () => {
    const { resolve, lookups } = resolverOf(['127.0.0.1'], ['169.254.169.254']);
    const lookup = createCheckedLookup(createHostPolicy(['127.0.0.0/8']), resolve);
    const pool = new Pool(`http://rebinding.invalid:${port}`, { connect: { lookup } });
    const first = await pool.request({ path: '/', method: 'GET' });
    await first.body.text();
    const failure: unknown = await pool.request({ path: '/', method: 'GET' }).catch((error: unknown) => error);
    expect(errorCodeOf(failure)).toBe(FORBIDDEN_ADDRESS);
    expect(lookups()).toBe(2);
    expect(mapTransportError('p', failure, 'nothing')).toMatchObject({
      error: { code: 'upstream_unreachable', message: expect.stringMatching(/PROVIDER_ALLOWED_HOSTS/) },
      isRetryable: false,
    });
    await pool.destroy();
  });
});
