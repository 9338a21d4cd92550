import { questionCount } from '../questions.mjs';
import { complexFamilies } from './prompts/complex.mjs';
import { moderateFamilies } from './prompts/moderate.mjs';
import { simpleFamilies } from './prompts/simple.mjs';
import { bodyOf, ceilingOf, createWorkload, difficulties, mix, slotsAt } from './workload.mjs';

const families = [...simpleFamilies, ...moderateFamilies, ...complexFamilies];
const combinationsOf = ({ slots }) => slots.reduce((count, slot) => count * slot.length, 1);
const take = (workload, count) => Array.from({ length: count }, () => workload.next());

describe('the headline workload', () => {
  it('never gives two intents the same words, in any of their wordings, apart from case and punctuation', () => {
    const meanings = new Map();
    const shared = [];
    families.forEach((family, at) => {
      for (let number = 0; number < combinationsOf(family); number += 1) {
        const slots = slotsAt(family, number);
        for (const words of family.wordings) {
          const plain = words(slots)
            .toLowerCase()
            .replace(/[^\p{L}\p{N}]+/gu, ' ')
            .trim();
          const intent = `${at}-${number}`;
          if ((meanings.get(plain) ?? intent) !== intent) shared.push(plain);
          meanings.set(plain, intent);
        }
      }
    });
    expect(shared).toEqual([]);
    expect(meanings.size).toBeGreaterThan(50_000);
  });

  it('has words for every slot, and several wordings for every intent', () => {
    for (const family of families) {
      expect(family.wordings.length).toBeGreaterThan(1);
      const texts = family.wordings.map((words) => words(slotsAt(family, combinationsOf(family) - 1)));
      expect(new Set(texts).size).toBe(texts.length);
      for (const text of texts) expect(text).not.toMatch(/undefined|\[object|\$\{| {2}/);
    }
    expect(questionCount).toBeGreaterThan(2_000);
  });

  it('follows from its seed', () => {
    const texts = (seed) => take(createWorkload({ seed }), 200).map(({ text }) => text);
    expect(texts(3)).toEqual(texts(3));
    expect(texts(3)).not.toEqual(texts(4));
  });

  it('keeps to its shares of difficulties and to its law of popularity', () => {
    const requests = take(createWorkload({ seed: 1 }), 20_000);
    for (const difficulty of difficulties) {
      const share = requests.filter((request) => request.difficulty === difficulty).length / requests.length;
      expect(share).toBeCloseTo(mix[difficulty].share, 1);
    }
    const counts = new Map();
    for (const { intent } of requests) counts.set(intent.id, (counts.get(intent.id) ?? 0) + 1);
    const [first, second] = [...counts.values()].sort((a, b) => b - a);
    expect(first).toBeGreaterThan(second);
    expect(first).toBeLessThan(0.1 * requests.length);
  });

  it('asks in the words of before, in other words, and for the first time', () => {
    const { firstOfIntent, otherWords, sameWords } = ceilingOf(take(createWorkload({ seed: 1 }), 20_000));
    expect(firstOfIntent + otherWords + sameWords).toBeCloseTo(1);
    for (const share of [firstOfIntent, otherWords, sameWords]) expect(share).toBeGreaterThan(0.1);
  });

  it('tells the mock what a question is about beside the prompt, never in it', () => {
    const [request] = take(createWorkload({ seed: 1 }), 1);
    const { model, messages, metadata } = JSON.parse(bodyOf(request, 'auto'));
    expect(model).toBe('auto');
    expect(messages.at(-1)).toEqual({ role: 'user', content: request.text });
    expect(JSON.stringify(messages)).not.toContain(request.intent.id);
    expect(metadata).toEqual({ mock: `topic=${request.intent.id}; outputTokens=${request.intent.outputTokens}` });
  });

  it('rehearses with instructions of its own', () => {
    const [request] = take(createWorkload({ seed: 1 }), 1);
    const [own, rehearsed] = [false, true].map((isWarmUp) => JSON.parse(bodyOf(request, 'auto', isWarmUp)).messages);
    expect(rehearsed[0].content).not.toBe(own[0].content);
    expect(rehearsed[1]).toEqual(own[1]);
  });
});
