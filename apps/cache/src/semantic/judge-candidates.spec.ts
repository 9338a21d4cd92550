import type { PreparedText } from '@costlane/semantic-verifier';
import { testEntry } from '../testing/test-entry';
import { judgeCandidates, type Candidate } from './judge-candidates';

const question = (text: string) => ({ text, prepare: (words: string): PreparedText => ({ text: words }) });
const nowMs = 1_000_000;
const gates = { maxAgeMs: 60_000, minTimesAsked: 0, nowMs };
const candidate = (over: Partial<Candidate> = {}, entry = {}): Candidate => ({
  similarity: 0.95,
  entry: testEntry({ createdAtMs: nowMs - 1_000, expiresAtMs: nowMs + 1_000, ...entry }),
  timesAsked: 0,
  ...over,
});
const verifierOf = (...verdicts: { probability: number; veto?: 'number' }[]) => ({
  judge: () => verdicts.shift() ?? { probability: 0 },
});
const judge = (candidates: Candidate[], own = gates, ...verdicts: Parameters<typeof verifierOf>) =>
  judgeCandidates(verifierOf(...verdicts), question('asked'), candidates, own, false);

describe('judging candidates', () => {
  it('gives the most probable one, not the nearest', () => {
    const [near, far] = [candidate({}, { fingerprint: 'a' }), candidate({ similarity: 0.93 }, { fingerprint: 'b' })];
    const judged = judge([near, far], gates, { probability: 0.6 }, { probability: 0.9 });
    expect(judged).toMatchObject({ outcome: 'hit', probability: 0.9, similarity: 0.93, entry: { fingerprint: 'b' } });
  });

  it('says why the nearest was refused when none is left', () => {
    expect(judge([])).toMatchObject({ outcome: 'empty' });
    expect(judge([candidate({ entry: undefined })])).toMatchObject({ outcome: 'gone' });
    expect(judge([candidate({}, { expiresAtMs: nowMs })])).toMatchObject({ outcome: 'gone' });
    expect(judge([candidate({}, { createdAtMs: nowMs - 60_001 })])).toMatchObject({ outcome: 'too_old' });
    expect(judge([candidate({ timesAsked: 1 })], { ...gates, minTimesAsked: 2 })).toMatchObject({
      outcome: 'unpopular',
    });
    const vetoed = judge([candidate()], gates, { probability: 0, veto: 'number' });
    expect(vetoed).toMatchObject({ outcome: 'vetoed', veto: 'number', probability: 0 });
  });

  it('refuses other figures without asking the verifier', () => {
    const kept = candidate({}, { text: 'Where is order 4711?' });
    const verifier = {
      judge: (): never => {
        throw new Error('it was asked');
      },
    };
    const judged = judgeCandidates(verifier, question('Where is order 4712?'), [kept], gates, false);
    expect(judged).toMatchObject({ outcome: 'vetoed', veto: 'number', probability: 0 });
  });

  it('takes what is plainly the same without asking the verifier', () => {
    const kept = candidate({}, { text: 'Why is the sky blue?' });
    const verifier = {
      judge: (): never => {
        throw new Error('it was asked');
      },
    };
    const judged = judgeCandidates(verifier, question('why is the SKY  blue'), [kept], gates, false);
    expect(judged).toMatchObject({ outcome: 'hit', probability: 0.998 });
  });

  it('looks past a refused one', () => {
    const judged = judge([candidate({ entry: undefined }), candidate()], gates, { probability: 0.8 });
    expect(judged).toMatchObject({ outcome: 'hit', probability: 0.8 });
  });

  it('hands the cosine to the verifier only where it is one of a contextual model', () => {
    const cosines: (number | undefined)[] = [];
    const verifier = {
      judge: (_a: PreparedText, _b: PreparedText, cosine?: number) => (cosines.push(cosine), { probability: 1 }),
    };
    judgeCandidates(verifier, question('a'), [candidate()], gates, false);
    judgeCandidates(verifier, question('a'), [candidate()], gates, true);
    expect(cosines).toEqual([undefined, 0.95]);
  });
});
