import fc from 'fast-check';
import { fingerprint, normalizationModes, type NormalizationMode } from './fingerprint';

const scope = { tenantId: 'acme', dialect: 'openai.chat' };
const asked = (content: unknown, more: object = {}, role = 'user'): Record<string, unknown> => ({
  messages: [{ role, content }],
  ...more,
});
const areOne = (mode: NormalizationMode, a: Record<string, unknown>, b: Record<string, unknown>): boolean =>
  fingerprint(scope, a, mode) === fingerprint(scope, b, mode);
const modesInWhichOne = (a: Record<string, unknown>, b: Record<string, unknown>): NormalizationMode[] =>
  normalizationModes.filter((mode) => areOne(mode, a, b));

const ALL = [...normalizationModes];
const NORMALISED: NormalizationMode[] = ['conservative', 'aggressive'];
const AGGRESSIVE: NormalizationMode[] = ['aggressive'];

describe('fingerprint', () => {
  it('is the same whatever the order of fields, and whatever travels beside the question', () => {
    const one = { messages: [{ role: 'user', content: 'hi' }], temperature: 0, top_p: undefined };
    const other = { temperature: 0, stream: true, user: 'u', messages: [{ content: 'hi', role: 'user' }] };
    expect(modesInWhichOne(one, other)).toEqual(ALL);
  });

  it('differs by tenant, dialect and mode', () => {
    const keys = [scope, { ...scope, tenantId: 'b' }, { ...scope, dialect: 'x' }].flatMap((each) =>
      normalizationModes.map((mode) => fingerprint(each, asked('hi'), mode)),
    );
    expect(new Set(keys).size).toBe(9);
    expect(fingerprint(scope, asked('hi'))).toBe(fingerprint(scope, asked('hi'), 'conservative'));
  });

  it.each([
    ['outer white space', 'Say hi', ' Say hi\n', NORMALISED],
    ['line ends', 'é one\ntwo', 'é one\r\ntwo', NORMALISED],
    ['the Unicode form', 'caf\u00e9', 'cafe\u0301', NORMALISED],
    ['case', 'What is TCP?', 'what is tcp?', AGGRESSIVE],
    ['marks at the end', 'What is TCP', 'What is TCP?!', AGGRESSIVE],
    ['repeated spaces', 'What  is   TCP', 'What is TCP', AGGRESSIVE],
    ['a mark behind a number', 'Is it 5', 'Is it 5?', AGGRESSIVE],
    ['marks in the middle', 'Yes. Or no', 'Yes Or no', []],
    ['a factorial', 'What is 5', 'What is 5!', []],
    ['a factorial of a letter', 'How large is n', 'How large is n!', []],
    ['a sign', 'What is -5', 'What is 5', []],
    ['words', 'the cat and the dog', 'the dog and the cat', []],
    ['lines', 'one\ntwo', 'one two', []],
    ['spaces between letters', 'now here', 'nowhere', []],
    ['accents', 'resume', 'résumé', []],
  ])('of a user’s text with another %s: %j, %j', (_what, a, b, modes) => {
    expect(modesInWhichOne(asked(a), asked(b))).toEqual(modes);
    const part = (text: string): unknown => [{ type: 'text', text }];
    expect(modesInWhichOne(asked(part(a)), asked(part(b)))).toEqual(modes);
    expect(modesInWhichOne({ prompt: a }, { prompt: b })).toEqual(modes);
  });

  it.each([
    '```\nPrint(X)\n```',
    'Explain `Foo`',
    'if (A) { return B }',
    'SELECT Name FROM Users;',
    'def F(x):\n    return X',
    '    return X',
    'const A = 1',
    '<Div>Text</Div>',
    'Look at https://Example.com/A',
    'What does the path /Usr/local hold',
    'What does parseInt do',
    'What is MAX_VALUE',
    'import Foo.bar',
    'What is F(x)',
    'Column A\tColumn B',
    'Is "Polish" a word',
    'List -> Set',
  ])('never folds what may be code or quoted: %j', (text) => {
    expect(modesInWhichOne(asked(text), asked(text.toLowerCase()))).toEqual([]);
    expect(modesInWhichOne(asked(text), asked(`${text}.`))).toEqual([]);
  });

  it.each([
    { tools: [{ type: 'function', function: { name: 'f' } }] },
    { tool_choice: 'none' },
    { functions: [{ name: 'f' }] },
    { response_format: { type: 'json_object' } },
    { response_format: { type: 'json_schema', json_schema: {} } },
    { guided_json: {} },
    { prediction: { type: 'content', content: 'x' } },
  ])('never folds beside %j', (more) => {
    expect(modesInWhichOne(asked('What is TCP?', more), asked('what is tcp', more))).toEqual([]);
    expect(modesInWhichOne(asked('What is TCP?', more), asked(' What is TCP? ', more))).toEqual(NORMALISED);
  });

  it('folds beside fields that say what is so anyhow', () => {
    const more = { response_format: { type: 'text' }, tools: null };
    expect(modesInWhichOne(asked('What is TCP?', more), asked('what is tcp', more))).toEqual(AGGRESSIVE);
  });

  it('never folds in a conversation in which a tool was used', () => {
    const conversation = (text: string, message: object): Record<string, unknown> => ({
      messages: [message, { role: 'user', content: text }],
    });
    for (const message of [
      { role: 'tool', tool_call_id: 't', content: '1' },
      { role: 'assistant', content: null, tool_calls: [{ id: 't' }] },
    ])
      expect(modesInWhichOne(conversation('Go on?', message), conversation('go on', message))).toEqual([]);
  });

  it('folds what a user asks, not what the system, an assistant or a tool says', () => {
    for (const role of ['system', 'developer'])
      expect([
        modesInWhichOne(asked('Be brief', {}, role), asked('be brief', {}, role)),
        modesInWhichOne(asked('Be brief', {}, role), asked('Be brief\n', {}, role)),
      ]).toEqual([[], NORMALISED]);
    for (const role of ['assistant', 'tool', 'anything'])
      expect(modesInWhichOne(asked('It is', {}, role), asked('It is ', {}, role))).toEqual([]);
  });

  it.each([
    [{ stop: ['\n'] }, { stop: [' '] }],
    [{ stop: ['END'] }, { stop: ['end'] }],
    [{ stop: 'a' }, { stop: 'a ' }],
    [{ model: 'M' }, { model: 'm' }],
    [{ tools: [{ name: 'F' }] }, { tools: [{ name: 'f' }] }],
    [{ tools: [{ enum: ['a '] }] }, { tools: [{ enum: ['a'] }] }],
    [{ response_format: { type: 'json_schema', name: 'A' } }, { response_format: { type: 'json_schema', name: 'a' } }],
    [{ seed: 1 }, { seed: 2 }],
    [{ temperature: null }, {}],
    [{ n: 1 }, { n: 2 }],
    [{ logit_bias: { 1: 5 } }, { logit_bias: { 1: 6 } }],
    [{ something_new: 'A' }, { something_new: 'a' }],
  ])('differs in every mode between %j and %j', (a, b) => {
    expect(modesInWhichOne(asked('hi', a), asked('hi', b))).toEqual([]);
  });

  it('takes names and pictures to the letter', () => {
    const named = (name: string): Record<string, unknown> => ({ messages: [{ role: 'user', name, content: 'hi' }] });
    expect(modesInWhichOne(named('Ann'), named('ann'))).toEqual([]);
    const shown = (url: string): Record<string, unknown> => asked([{ type: 'image_url', image_url: { url } }]);
    expect(modesInWhichOne(shown('data:AA'), shown('data:Aa'))).toEqual([]);
  });
});

describe('any two requests', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('Hi', 'hi', 'hi?', ' hi', 'a  b'),
  );
  const message = fc.record({ role: fc.constantFrom('system', 'user', 'assistant', 'tool'), content: text });
  const request = fc.record(
    {
      messages: fc.array(message, { maxLength: 3 }),
      temperature: fc.constantFrom(0, 0.5, 1),
      stop: fc.array(text, { maxLength: 2 }),
      tools: fc.array(fc.record({ name: text }), { maxLength: 1 }),
      response_format: fc.record({ type: fc.constantFrom('text', 'json_object') }),
      seed: fc.nat(2),
    },
    { requiredKeys: ['messages'] },
  );
  type Request = { messages: { role: string; content: string }[] } & Record<string, unknown>;

  /** What is left of a text when everything that a mode may pass over is gone, said in another way than the code does. */
  const wordsOf = (content: string, mode: NormalizationMode): string => {
    if (mode === 'off') return content;
    const plain = content.normalize('NFC').replace(/\r\n?/g, '\n').trim();
    if (mode === 'conservative') return plain;
    return plain
      .toLowerCase()
      .normalize('NFC')
      .replace(/[?!.\s]/g, '');
  };
  const meaningOf = ({ messages, ...rest }: Request, mode: NormalizationMode): string => {
    const parts = messages.map(({ role, content }) => {
      const isExact = role === 'assistant' || role === 'tool';
      const own = role === 'user' ? mode : mode === 'off' ? 'off' : 'conservative';
      return [role, isExact ? content : wordsOf(content, own)];
    });
    const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([parts, fields]);
  };

  it.each(ALL)('that differ in more than %s may pass over have two fingerprints', (mode) => {
    fc.assert(
      fc.property(request, request, (a, b) => {
        fc.pre(meaningOf(a as Request, mode) !== meaningOf(b as Request, mode));
        expect(areOne(mode, a, b)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that are one when less is passed over are one when more is', () => {
    fc.assert(
      fc.property(request, request, (a, b) => {
        const modes = modesInWhichOne(a, b);
        expect(modes).toEqual(ALL.slice(ALL.length - modes.length));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(ALL)('that are equal but for the order of their fields have one fingerprint under %s', (mode) => {
    fc.assert(
      fc.property(request, (one) => {
        expect(areOne(mode, one, Object.fromEntries(Object.entries(one).reverse()))).toBe(true);
      }),
    );
  });
});
