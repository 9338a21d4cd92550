import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileChecks } from './checks.mjs';
import { parsePolicies } from './policies.mjs';
import { difficulties, parsePrompts } from './prompts.mjs';
import { wrongAnswer } from './wrong-answer.mjs';

const shipped = readFileSync(path.join(__dirname, 'prompts.jsonl'), 'utf8');
const prompts = parsePrompts(shipped, 'prompts.jsonl', { needsReference: true });
/** Letters counted: near enough to tell a text from another one here. The real embedder is used by the command's own test. */
const embed = (text) => {
  const counts = new Array(26).fill(0);
  for (const letter of text.toLowerCase().match(/[a-z]/g) ?? []) counts[letter.charCodeAt(0) - 97] += 1;
  const length = Math.hypot(...counts) || 1;
  return counts.map((count) => count / length);
};

describe('the prompts that ship', () => {
  it('are fifty, of three difficulties and ten languages or more', () => {
    expect(prompts).toHaveLength(50);
    for (const difficulty of difficulties)
      expect(prompts.filter((prompt) => prompt.difficulty === difficulty).length).toBeGreaterThanOrEqual(14);
    expect(new Set(prompts.map(({ language }) => language)).size).toBeGreaterThanOrEqual(10);
  });

  it.each(prompts.map((prompt) => [prompt.id, prompt]))('%s: its reference passes its checks', async (_, prompt) => {
    expect(await compileChecks(prompt, { embed })(prompt.reference)).toMatchObject({ score: 1, isRight: true });
  });

  it.each(prompts.map((prompt) => [prompt.id, prompt]))(
    '%s: its wrong answer and an empty one do not',
    async (_, prompt) => {
      const score = compileChecks(prompt, { embed });
      const wrong = await wrongAnswer(prompt, async (answer) => (await score(answer)).isRight);
      expect(wrong).not.toBe(prompt.reference);
      for (const answer of [wrong, '', "I'm sorry, but I can't help with that."])
        expect((await score(answer)).isRight).toBe(false);
    },
  );

  it('hold nothing that looks like personal data', () => {
    expect(shipped).not.toMatch(/[\w.]+@[\w.]+\.\w+/);
  });
});

describe('prompts of one’s own', () => {
  const good = {
    id: 'a',
    difficulty: 'simple',
    messages: [{ role: 'user', content: 'x' }],
    checks: [{ kind: 'number', value: 1 }],
  };
  const parse = (prompt, options) => () =>
    parsePrompts(`${JSON.stringify(good)}\n${JSON.stringify(prompt)}`, 'mine.jsonl', options);

  it.each([
    [
      { ...good, id: 'b', difficulty: 'hard' },
      'mine.jsonl:2: difficulty: must be one of simple, moderate, complex, not "hard"',
    ],
    [{ ...good, id: 'b', checks: [{ kind: 'exakt' }] }, 'mine.jsonl:2: checks.0.kind: must be one of exact, regex'],
    [{ ...good, id: 'b', checks: [{ kind: 'number' }] }, 'mine.jsonl:2: checks.0: "value" is missing'],
    [
      { ...good, id: 'b', checks: [{ kind: 'number', value: 1, unit: 'g' }] },
      'mine.jsonl:2: checks.0: there is no field "unit"',
    ],
    [
      { ...good, id: 'b', checks: [{ kind: 'regex', pattern: '(' }] },
      'mine.jsonl:2: checks: Invalid regular expression',
    ],
    [
      { ...good, id: 'b', checks: [{ kind: 'json', schema: { type: 'nothing' } }] },
      'mine.jsonl:2: checks: schema is invalid',
    ],
    [
      { ...good, id: 'b', checks: [{ kind: 'similarity', min: 0.5 }] },
      'mine.jsonl:2: reference: a similarity check needs one',
    ],
    [{ ...good, id: 'b', checks: [] }, 'mine.jsonl:2: checks: must NOT have fewer than 1 items'],
    [good, 'mine.jsonl:2: id: "a" stands there twice'],
  ])('%j is refused in a sentence', (prompt, sentence) => {
    expect(parse(prompt)).toThrow(sentence);
  });

  it('need a reference only where answers are made from it', () => {
    expect(parse({ ...good, id: 'b' })()).toHaveLength(2);
    expect(parse({ ...good, id: 'b' }, { needsReference: true })).toThrow('mine.jsonl:1: reference');
  });

  it('that are no JSON, and an empty file, are refused', () => {
    expect(() => parsePrompts('{"id":', 'mine.jsonl')).toThrow('mine.jsonl:1: not JSON');
    expect(() => parsePrompts('\n', 'mine.jsonl')).toThrow('mine.jsonl: no prompts');
  });
});

describe('policies of one’s own', () => {
  it.each([
    ['{', 'p.json: not JSON'],
    ['[{"name":"a","settings":{"standardFrom":2}}]', 'p.json: 0.settings.standardFrom: must be <= 1, not 2'],
    ['[{"name":"a","settings":{"standart":1}}]', 'p.json: 0.settings: there is no field "standart"'],
    ['[{"name":"a","tier":"economy","model":"x"}]', 'policy "a": "tier", "model", "settings" and "isLive" exclude'],
    ['[{"name":"a"},{"name":"a"}]', 'policy "a": the name stands there twice'],
    ['[{"name":"a","isLive":true}]', 'policy "a": "isLive" needs --url'],
  ])('%s is refused in a sentence', (content, sentence) => {
    expect(() => parsePolicies(content, 'p.json')).toThrow(sentence);
  });
});
