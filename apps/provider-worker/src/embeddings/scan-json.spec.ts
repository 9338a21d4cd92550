import fc from 'fast-check';
import { elementsIn, membersIn } from './scan-json';

const anyText = fc.oneof(fc.string(), fc.constantFrom('\\', '"', '\\"', 'a\\\\', '[', ']}', 'é漢😀', '\u2028'));
const anyKey = anyText.filter((key) => key !== '__proto__');
const anyValue = fc.oneof(
  anyText,
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
);
const spaces = fc.constantFrom(0, 2, '\t');

describe('parts of a JSON document by their bytes', () => {
  it('are the members of any object', () => {
    fc.assert(
      fc.property(fc.dictionary(anyKey, anyValue), spaces, (object, space) => {
        const bytes = Buffer.from(` ${JSON.stringify(object, null, space)} `);
        const { members, span } = membersIn(bytes);
        const read = members.map(({ keyFrom, from, to }) => {
          const [key] = JSON.parse(`[${bytes.toString('utf8', keyFrom, from).replace(/:\s*$/, '')}]`) as [string];
          return [key, JSON.parse(bytes.toString('utf8', from, to))] as const;
        });
        expect(Object.fromEntries(read)).toEqual(JSON.parse(JSON.stringify(object)));
        expect(read.length).toBe(Object.keys(object).length);
        expect(JSON.parse(bytes.toString('utf8', span.from, span.to))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it('are the elements of any list', () => {
    fc.assert(
      fc.property(fc.array(anyValue), spaces, (list, space) => {
        const bytes = Buffer.from(JSON.stringify(list, null, space));
        const read = elementsIn(bytes, 0).map(({ from, to }): unknown => JSON.parse(bytes.toString('utf8', from, to)));
        expect(read).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  it('are not found in what is cut off, or no object', () => {
    fc.assert(
      fc.property(fc.dictionary(anyKey, anyValue, { minKeys: 1 }), fc.nat(), (object, at) => {
        const whole = Buffer.from(JSON.stringify(object));
        expect(() => membersIn(whole.subarray(0, at % whole.length))).toThrow(SyntaxError);
      }),
    );
    for (const text of ['', '[]', '{"a" 1}', '{"a":}', '{a:1}', '{"a":1 "b":2}', 'null'])
      expect(() => membersIn(Buffer.from(text))).toThrow(SyntaxError);
    expect(() => elementsIn(Buffer.from('[1,'), 0)).toThrow(SyntaxError);
  });
});
