import fc from 'fast-check';
import { anyText } from '../corpus/any-text';
import { detectSensitive } from '../detect/detect-sensitive';
import { placeholderPattern } from './placeholder';
import { createRedactor, redact } from './redactor';
import { createRestorer } from './restorer';

const withoutPlaceholders = (text: string): string => text.replace(placeholderPattern, ' ');

describe('a redactor', () => {
  it('gives each value a placeholder of its kind, and the same value the same one', () => {
    const redactor = createRedactor();
    expect(redactor.redact('From jane@example.com to joe@example.com, card 4111 1111 1111 1111')).toBe(
      'From [EMAIL_1] to [EMAIL_2], card [CARD_1]',
    );
    expect(redactor.redact('cc joe@example.com')).toBe('cc [EMAIL_2]');
    expect([...redactor.kinds]).toEqual(['email', 'card']);
    expect(redactor.size).toBe(3);
  });

  it('puts values back, and leaves placeholders alone that it did not make', () => {
    const redactor = createRedactor();
    redactor.redact('jane@example.com');
    expect(redactor.restore('Dear [EMAIL_1], [EMAIL_2] and [CARD_1]')).toBe(
      'Dear jane@example.com, [EMAIL_2] and [CARD_1]',
    );
  });

  it('gives back what looked like a placeholder before', () => {
    const redactor = createRedactor();
    const redacted = [redactor.redact('What does [EMAIL_1] mean?'), redactor.redact('jane@example.com')];
    expect(redacted.map((text) => redactor.restore(text))).toEqual(['What does [EMAIL_1] mean?', 'jane@example.com']);
    expect([...redactor.kinds]).toEqual(['email']);
  });

  it('escapes values for a text that is JSON', () => {
    const redactor = createRedactor();
    const redacted = redactor.redact('x "y" z', [{ kind: 'secret', start: 2, end: 5 }]);
    const json = JSON.stringify({ note: redacted });
    expect(JSON.parse(redactor.restore(json, { isJson: true }))).toEqual({ note: 'x "y" z' });
  });

  it('takes out what is found only when another value is gone', () => {
    const redactor = createRedactor();
    const text = `tel +49 30 23125 014 ${'or '.repeat(8)}030 23125 678`;
    expect(detectSensitive(withoutPlaceholders(redactor.redact(text)))).toEqual([]);
    expect(redactor.restore(redactor.redact(text))).toBe(text);
  });

  it('cuts at the spans that it is given', () => {
    expect(redact('my name is Jane', [{ kind: 'secret', start: 11, end: 15 }])).toBe('my name is [SECRET_1]');
  });

  it('is undone by restoring, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), (texts) => {
        const redactor = createRedactor();
        const redacted = texts.map((text) => redactor.redact(text));
        expect(redacted.map((text) => redactor.restore(text))).toEqual(texts);
      }),
    );
  });

  it('leaves nothing behind that the detectors find', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(detectSensitive(createRedactor().redact(text))).toEqual([]);
      }),
    );
  });
});

describe('a restorer', () => {
  it('gives the same text however it is cut', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }), (text, sizes) => {
        const redactor = createRedactor();
        const redacted = redactor.redact(text);
        const restorer = createRestorer(redactor);
        let result = '';
        for (let at = 0, i = 0; at < redacted.length; i++) {
          const size = sizes[i % sizes.length] as number;
          result += restorer.push(redacted.slice(at, at + size));
          at += size;
        }
        expect(result + restorer.end()).toBe(text);
      }),
    );
  });

  it('holds back the beginning of a placeholder and nothing else', () => {
    const redactor = createRedactor();
    redactor.redact('jane@example.com');
    const restorer = createRestorer(redactor);
    expect(['a [', 'EMA', 'IL_', '1', '] b [x', '] [EMAIL', ' [SEC'].map((piece) => restorer.push(piece))).toEqual([
      'a ',
      '',
      '',
      '',
      'jane@example.com b [x',
      '] ',
      '[EMAIL ',
    ]);
    expect(restorer.end()).toBe('[SEC');
  });

  it('passes everything on at once where nothing was taken out', () => {
    expect(createRestorer(createRedactor()).push('an array [')).toBe('an array [');
  });
});
