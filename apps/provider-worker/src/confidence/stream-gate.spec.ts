import fc from 'fast-check';
import { event, lastEvents } from '../testing/fake-chain';
import { StreamAnswer } from './read-answer';
import { createStreamGate } from './stream-gate';

const words = (text: string): Buffer[] => (text.match(/\S+\s*/g) ?? []).map((content) => event({ content }));
const role = event({ role: 'assistant', content: '' });

/** How many of these pieces were held back before the gate opened; undefined: it never did. */
function heldBefore(pieces: readonly Buffer[]): number | undefined {
  const gate = createStreamGate();
  const at = pieces.findIndex((piece) => gate.push(piece) === 'open');
  return at < 0 ? undefined : at;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
}
const anyCuts = fc.array(fc.nat(5_000), { maxLength: 40 });

describe('a stream’s gate', () => {
  it('opens with the first word of an answer', () => {
    expect(heldBefore([role, ...words('The answer is four.')])).toBe(1);
    expect(heldBefore([role, ...words('{"a": 1}')])).toBe(1);
  });

  it('opens as soon as what began like a refusal goes on like an answer', () => {
    expect(heldBefore([role, ...words("I'm sorry to hear that. Rest, and drink tea.")])).toBe(3);
    expect(heldBefore([role, ...words('I can do that.')])).toBe(3);
  });

  it.each([
    "I'm sorry, but I can't help with that.",
    'Es tut mir leid, dabei kann ich nicht helfen.',
    '抱歉，我无法协助。',
    '',
    ' ',
  ])('holds a refusal, or nothing, to its end: %j', (text) =>
    expect(heldBefore([role, ...words(text), ...lastEvents()])).toBeUndefined(),
  );

  it('holds the same at every chunking of a refusal', () => {
    const bytes = Buffer.concat([role, ...words('Désolé, je ne peux pas répondre à cette demande.'), ...lastEvents()]);
    fc.assert(fc.property(anyCuts, (cuts) => expect(heldBefore(cutAt(bytes, cuts))).toBeUndefined()));
  });

  it('opens at every chunking of an answer, no later than with the event that shows it for one', () => {
    const events = [role, ...words('Sorry for the wait — 四 it is, as I said.'), ...lastEvents()];
    const bytes = Buffer.concat(events);
    const enough = Buffer.concat(events.slice(0, 5)).length; // "Sorry for the wait"
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const pieces = cutAt(bytes, cuts);
        const held = Buffer.concat(pieces.slice(0, heldBefore(pieces)));
        expect(held.length).toBeLessThan(enough);
      }),
    );
  });

  it('opens with a tool call', () => {
    expect(heldBefore([role, event({ tool_calls: [{ index: 0, function: { name: 'f' } }] })])).toBe(1);
  });

  it('opens beyond two hundred characters, whatever they began like', () => {
    const long = ["I'm sorry, but I can't help with that. ", ...Array.from({ length: 20 }, () => 'So it goes. ')];
    const held = heldBefore(long.map((content) => event({ content }))) ?? NaN;
    expect(long.slice(0, held).join('').trim().length).toBeLessThanOrEqual(200);
    expect(long.slice(0, held + 1).join('').length).toBeGreaterThan(200);
  });

  it('holds on while a model refuses in the field for it, and opens when too much comes without a word', () => {
    expect(heldBefore([event({ refusal: 'x'.repeat(500) }), event({ refusal: 'y' })])).toBeUndefined();
    const reasoning = Array.from({ length: 300 }, () => event({ reasoning_content: 'r'.repeat(1_000) }));
    expect(heldBefore(reasoning)).toBeGreaterThan(200);
  });
});

describe('StreamAnswer', () => {
  it('reads the same however the bytes are cut', () => {
    const bytes = Buffer.concat([
      role,
      ...words('vierundvierzig — 四十四 – é'),
      Buffer.from(': a comment\r\n\r\ndata: no json\n\n'),
      event({ content: 'x' }, { logprobs: { content: [{ logprob: -0.5 }] } }),
      ...lastEvents('length'),
    ]);
    const whole = new StreamAnswer();
    whole.push(bytes);
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const answer = new StreamAnswer();
        for (const piece of cutAt(bytes, cuts)) answer.push(piece);
        expect(answer.finish()).toEqual(whole.finish());
      }),
    );
    expect(whole.facts).toMatchObject({
      text: 'vierundvierzig — 四十四 – éx',
      finishReason: 'length',
      logprobSum: -0.5,
    });
  });

  it('reads a last line that has no end', () => {
    const answer = new StreamAnswer();
    answer.push(Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { content: 'four' } }] })}`));
    expect(answer.finish().text).toBe('four');
  });
});
