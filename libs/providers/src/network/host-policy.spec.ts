import { checkBaseUrl } from './check-base-url';
import { createHostPolicy } from './host-policy';

const strict = createHostPolicy();
const open = createHostPolicy(['vllm.internal', '10.0.0.0/8', 'fd12::/16', '192.168.1.7']);

describe('createHostPolicy', () => {
  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.7',
    '127.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'fc00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    'not an address',
    '',
  ])('lets no name lead to %s', (address) => {
    expect(strict.isAllowedAddress('api.example.com', address)).toBe(false);
  });

  it.each(['104.18.6.192', '2606:4700::6812:6c0', '::ffff:104.18.6.192'])('lets a name lead to %s', (address) => {
    expect(strict.isAllowedAddress('api.example.com', address)).toBe(true);
  });

  it('takes this machine where the URL says so, and not where a name merely leads there', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '::1']) {
      expect(strict.isAllowedAddress(host, '127.0.0.1')).toBe(true);
    }
    expect(strict.isAllowedAddress('localhost.example.com', '127.0.0.1')).toBe(false);
    expect(strict.isAllowedAddress('localhost', '10.0.0.1')).toBe(false);
  });

  it('takes what the operator has listed: a name wherever it leads, a range whatever its name', () => {
    expect(open.isAllowedAddress('VLLM.internal.', '172.16.0.9')).toBe(true);
    expect(open.isAllowedAddress('gpu.example.com', '10.1.2.3')).toBe(true);
    expect(open.isAllowedAddress('gpu.example.com', '::ffff:10.1.2.3')).toBe(true);
    expect(open.isAllowedAddress('gpu.example.com', 'fd12::3')).toBe(true);
    expect(open.isAllowedAddress('192.168.1.7', '192.168.1.7')).toBe(true);
    expect(open.isAllowedAddress('gpu.example.com', '192.168.1.8')).toBe(false);
    expect(open.isAllowedAddress('gpu.example.com', 'fd13::3')).toBe(false);
  });

  it.each(['http://vllm', 'vllm:8000', '10.0.0.0/99', 'a b', '/8', ''])('does not take "%s" for a host', (entry) => {
    expect(() => createHostPolicy([entry])).toThrow(/allowed hosts: /);
  });
});

describe('checkBaseUrl', () => {
  it.each([
    'https://api.openai.com/v1',
    'http://127.0.0.1:8000/v1',
    'http://localhost/v1',
    'http://[::1]:8000',
    'https://8.8.8.8/v1',
  ])('takes %s', (url) => {
    expect(checkBaseUrl('p', url, strict).href).toContain(url);
  });

  it.each([
    ['http://api.example.com/v1', /plain http .* add api\.example\.com to PROVIDER_ALLOWED_HOSTS/],
    ['https://10.0.0.1/v1', /10\.0\.0\.1 is a private or reserved address/],
    ['https://[fd00::1]/v1', /fd00::1 is a private/],
    ['http://169.254.169.254/latest', /private or reserved/],
    // Other ways to write 127.0.0.1 and 10.0.0.1 are the same to a URL.
    ['https://0x0a000001/v1', /10\.0\.0\.1 is a private/],
    ['https://[::ffff:10.0.0.1]/v1', /private or reserved/],
    ['https://user:word@api.example.com', /must not hold credentials/],
    ['ftp://api.example.com', /http\(s\) URL/],
    ['', /http\(s\) URL/],
  ])('refuses %s', (url, reason) => {
    expect(() => checkBaseUrl('p', url, strict)).toThrow(reason);
  });

  it('takes plain http and private addresses where the operator has listed the host', () => {
    expect(checkBaseUrl('p', 'http://vllm.internal:8000/v1', open).port).toBe('8000');
    expect(checkBaseUrl('p', 'http://10.2.3.4/v1', open).hostname).toBe('10.2.3.4');
    expect(() => checkBaseUrl('p', 'http://192.168.1.8/v1', open)).toThrow(/private/);
  });
});
