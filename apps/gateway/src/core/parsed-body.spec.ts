import { parsedBody } from './parsed-body';

describe('the document that a body is', () => {
  it('is read once for all who look at it in turn', () => {
    const bytes = Buffer.from('{"a":[1]}');
    const first = parsedBody(bytes);
    expect(first).toEqual({ a: [1] });
    expect(parsedBody(bytes)).toBe(first);
  });

  it('is another one for other bytes, also for those that say the same', () => {
    const [one, other] = [Buffer.from('{"a":1}'), Buffer.from('{"a":1}')];
    const first = parsedBody(one);
    expect(parsedBody(other)).toEqual(first);
    expect(parsedBody(other)).not.toBe(first);
    expect(parsedBody(one)).toEqual({ a: 1 });
  });

  it('is not the one before where bytes are no JSON', () => {
    parsedBody(Buffer.from('{"a":1}'));
    const broken = Buffer.from('{"a":');
    expect(() => parsedBody(broken)).toThrow(SyntaxError);
    expect(() => parsedBody(broken)).toThrow(SyntaxError);
  });
});
