import fc from 'fast-check';
import { compileChecks } from './checks.mjs';
import { readingsOfLastNumber } from './read-text.mjs';

const embed = (text) => (text.includes('cat') ? [1, 0] : [0, 1]);
const prompt = (checks, reference = 'a cat') => ({ checks, reference, messages: [{ role: 'user', content: 'q' }] });
const scoreOf = async (check, answer, means = { embed }) => (await compileChecks(prompt([check]), means)(answer)).score;

describe('exact', () => {
  it.each(['Ottawa', 'ottawa.', ' **Ottawa** ', '„Ottawa“', '"Ottawa".', '`Ottawa`\n'])('takes %j', async (answer) => {
    expect(await scoreOf({ kind: 'exact', values: ['Ottawa'] }, answer)).toBe(1);
  });

  it.each(['Toronto', 'It is Ottawa', ''])('refuses %j', async (answer) => {
    expect(await scoreOf({ kind: 'exact', values: ['Ottawa'] }, answer)).toBe(0);
  });

  it('keeps case where case is what was asked for', async () => {
    const check = { kind: 'exact', values: ['LANTERN'], isCaseKept: true };
    expect([await scoreOf(check, 'LANTERN.'), await scoreOf(check, 'Lantern')]).toEqual([1, 0]);
  });

  it('reads small digits as digits', async () => {
    expect(await scoreOf({ kind: 'exact', values: ['H2O'] }, 'H₂O')).toBe(1);
  });
});

describe('number', () => {
  it.each([
    ['391', 391],
    ['17 * 23 = 391.', 391],
    ['The total is 2,236.44 euros.', 2236.44],
    ['2.236,44 €', 2236.44],
    ['50 400', 50400],
    ['50,400', 50400],
    ['٤٢', 42],
    ['５３', 53],
    ['−4', -4],
    ['10-4', 4],
    ['61,2', 61.2],
    ['33+20-6で47個です。53', 53],
  ])('finds the last number of %j', async (answer, value) => {
    expect(await scoreOf({ kind: 'number', value }, answer)).toBe(1);
  });

  it('refuses another last number, and an answer without any', async () => {
    for (const answer of ['391 or 392', 'many', ''])
      expect(await scoreOf({ kind: 'number', value: 391 }, answer)).toBe(0);
  });

  it('allows what the tolerance allows, and no more', async () => {
    const check = { kind: 'number', value: 10, tolerance: 0.1 };
    expect([await scoreOf(check, '10.1'), await scoreOf(check, '10.2')]).toEqual([1, 0]);
  });

  it('reads back every number that is written in English', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const value = Number(`${whole}.${String(cents).padStart(2, '0')}`);
        const written = value.toLocaleString('en', { minimumFractionDigits: 2 });
        expect(readingsOfLastNumber(`It comes to ${written}`)).toContain(value);
      }),
    );
  });
});

describe('the other kinds', () => {
  it('json takes a document that fits, in a fence or not, and nothing else', async () => {
    const check = { kind: 'json', schema: { type: 'object', required: ['a'], properties: { a: { const: 1 } } } };
    const answers = ['{"a":1}', '```json\n{"a": 1}\n```', '{"a":2}', 'Here: {"a":1}', '{"a":1'];
    expect(await Promise.all(answers.map((answer) => scoreOf(check, answer)))).toEqual([1, 1, 0, 0, 0]);
  });

  it('regex can ask that something is not there', async () => {
    const check = { kind: 'regex', pattern: '\\bany\\b', isAbsent: true };
    expect([await scoreOf(check, 'unknown'), await scoreOf(check, 'x: any')]).toEqual([1, 0]);
  });

  it('contains wants all, one of each list, and none of the others', async () => {
    const check = { kind: 'contains', all: ['cat', ['child', 'kid']], none: ['dog'] };
    const answers = ['A CAT and a kid', 'A cat', 'A cat, a child, a dog'];
    expect(await Promise.all(answers.map((answer) => scoreOf(check, answer)))).toEqual([1, 0, 0]);
  });

  it('similarity compares with the reference', async () => {
    const check = { kind: 'similarity', min: 0.9 };
    expect([await scoreOf(check, 'the cat'), await scoreOf(check, 'the dog')]).toEqual([1, 0]);
  });

  it('a judge gets question, criteria, reference and answer; without one the check is skipped', async () => {
    const asked = [];
    const judge = async (question) => asked.push(question) && 0.7;
    const check = { kind: 'judge', criteria: 'kind' };
    expect(await scoreOf(check, 'yes', { embed, judge })).toBe(0.7);
    expect(asked).toEqual([
      { question: [{ role: 'user', content: 'q' }], criteria: 'kind', reference: 'a cat', answer: 'yes' },
    ]);
    expect(await compileChecks(prompt([check]), { embed })('yes')).toMatchObject({ score: null, isRight: null });
  });

  it('a score is the mean of the checks that ran, and right means all of them', async () => {
    const checks = [
      { kind: 'contains', all: ['cat'] },
      { kind: 'contains', all: ['kid'] },
      { kind: 'judge', criteria: 'x' },
    ];
    const scored = await compileChecks(prompt(checks), { embed })('cat');
    expect(scored).toMatchObject({ score: 0.5, isRight: false });
  });
});
