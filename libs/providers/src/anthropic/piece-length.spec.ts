import fc from 'fast-check';
import { pieceLength } from './piece-length';

const fields = { text_delta: 'text', input_json_delta: 'partial_json', thinking_delta: 'thinking' } as const;
const eventOf = (type: keyof typeof fields, piece: string, index = 0) =>
  JSON.stringify({ type: 'content_block_delta', index, delta: { type, [fields[type]]: piece } });
const types = fc.constantFrom(...(Object.keys(fields) as (keyof typeof fields)[]));

describe('pieceLength', () => {
  it('is the length of a piece in bytes, of whatever kind and index', () => {
    const piece = 'Größe 日本';
    const text = Buffer.from(`data: ${eventOf('text_delta', piece, 12)}`).toString('latin1');
    expect(pieceLength(text, 5, text.length)).toBe(Buffer.byteLength(piece));
  });

  it('says nothing wrong of any event: what it takes is valid, and of the length that it says', () => {
    fc.assert(
      fc.property(types, fc.string({ unit: 'binary' }), fc.nat(20), (type, piece, index) => {
        const text = Buffer.from(eventOf(type, piece, index)).toString('latin1');
        const length = pieceLength(text, 0, text.length);
        const isEscaped = JSON.stringify(piece) !== `"${piece}"`;
        expect(length).toBe(isEscaped ? undefined : Buffer.byteLength(piece));
      }),
    );
  });

  it('takes nothing that was damaged, or says more', () => {
    const whole = eventOf('text_delta', 'Hello');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.constantFrom('', '"', '\\', '{', '\u0001'), (at, instead) => {
        const damaged = whole.slice(0, at) + instead + whole.slice(at + 1);
        if (pieceLength(damaged, 0, damaged.length) === undefined) return;
        expect(JSON.parse(damaged)).toMatchObject({ type: 'content_block_delta', delta: { type: 'text_delta' } });
      }),
    );
    for (const other of [
      '{"type":"ping"}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}',
      '{"type":"content_block_delta","index":,"delta":{"type":"text_delta","text":"x"}}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x","more":"y"}}',
      '',
    ]) {
      expect(pieceLength(other, 0, other.length)).toBeUndefined();
    }
  });
});
