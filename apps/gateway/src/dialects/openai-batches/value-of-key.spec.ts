import fc from 'fast-check';
import { valueOfKey } from './value-of-key';

const valueOf = (json: string, key = 'body'): string | undefined => valueOfKey(Buffer.from(json), key)?.toString();

describe('the value of a key', () => {
  it('is what was written, in any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.boolean(), (rest, value, isSpaced) => {
        const object = { ...rest, body: value };
        const json = JSON.stringify(object, null, isSpaced ? 2 : 0);
        expect(JSON.parse(valueOf(json) ?? 'none')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['{"body":{"n":12345678901234567890,"x":1.0}}', '{"n":12345678901234567890,"x":1.0}'],
    ['{"a":{"body":1},"b":"\\"body\\":2","body" : [3,{"c":[]}] ,"z":4}', ' [3,{"c":[]}] '],
    ['{"body":1,"body":2}', '2'],
    ['{"a":"body","body":"\\\\"}', '"\\\\"'],
    ['{"a":["body",{"body":1}]}', undefined],
    ['{}', undefined],
    ['{"b\\u006fdy":1}', undefined],
  ])('in %s is %s', (json, value) => {
    expect(valueOf(json)).toBe(value);
  });
});
