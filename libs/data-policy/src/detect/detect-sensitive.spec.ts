import fc from 'fast-check';
import { anyText } from '../corpus/any-text';
import { exampleKeys } from '../corpus/example-keys';
import { detectSensitive } from './detect-sensitive';

const megabyte = 1 << 20;
const fill = (piece: string): string => piece.repeat(Math.ceil(megabyte / piece.length)).slice(0, megabyte);

/** Milliseconds of this process' processor time: others may be using the machine. */
function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('the detectors', () => {
  it('give spans in order, within the text and without overlaps', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let end = 0;
        for (const span of detectSensitive(text)) {
          expect(span.start).toBeGreaterThanOrEqual(end);
          expect(span.end).toBeGreaterThan(span.start);
          end = span.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('say nothing of the values', () => {
    expect(detectSensitive('to jane@example.com')).toEqual([{ kind: 'email', start: 3, end: 19 }]);
  });

  it('join what several of them claim into one span of the stronger kind', () => {
    const text = `password="${'jane99@mail.invalid'}"`;
    expect(detectSensitive(text)).toEqual([{ kind: 'secret', start: 10, end: 29 }]);
  });

  it('find each of a hundred thousand values', () => {
    const text = 'jane@example.com, '.repeat(100_000);
    expect(detectSensitive(text)).toHaveLength(100_000);
  });

  it('take a private key without an end to be one up to the text’s', () => {
    const text = exampleKeys.pem.slice(0, 90);
    expect(detectSensitive(`x ${text}`)).toEqual([{ kind: 'secret', start: 2, end: 92 }]);
  });

  const hostile: Record<string, string> = {
    'one letter': 'a',
    'one digit': '1',
    spaces: ' ',
    'at signs': '@',
    'at signs between letters': 'a@',
    'unfinished addresses': 'a.a@a.',
    'digits and spaces': '1 ',
    'digits and dashes': '4-',
    'digits and points': '1.',
    'digits and parentheses': '(1',
    'plus signs and digits': '+1234567890 ',
    'phones that are none': 'tel 099999999 ',
    'cards that are none': 'card 4111 1111 1111 1112 ',
    'card after card': '4111 1111 1111 1111 ',
    'account numbers that are none': 'DE89 3704 0044 0532 0130 01 ',
    'beginnings of account numbers': 'DE89',
    'account numbers in one word': 'DE89 ',
    'numbers that many rules know': 'steuer bsn nhs 123456789 ',
    'passwords of passwords': 'password=',
    'password told again and again': 'password is ',
    'colons and names': 'key:',
    'quotes that do not end': 'password="',
    'beginnings of private keys': '-----BEGIN PRIVATE KEY-----\n',
    'labels of private keys': 'PRIVATE KEY-----',
    'beginnings of tokens': `${'eyJabcdefghijklmnopqrst'}.`,
    'addresses of servers': 'a://b:c',
    'addresses of servers and at signs': 'a://b:c@',
    dashes: '-',
    'key prefixes': 'sk-ant-',
    brackets: '[EMAIL_',
    'letters and digits by turns': 'a1',
    'upper case letters and digits': 'AB12 ',
    'phone words': 'call phone tel 12345678 ',
    'letters beyond ASCII': 'ж1@',
  };

  it.each(Object.entries(hostile))('take at most four seconds for a megabyte of %s', (_, piece) => {
    const text = fill(piece);
    expect(cpuMs(() => detectSensitive(text))).toBeLessThan(4_000);
  });
});
