import { detectSensitive } from '../detect/detect-sensitive';
import { sensitiveKinds } from '../sensitive-span';
import { judgeCorpus, judgeHeldOut } from './judge-corpus';
import { negatives } from './negatives';
import { positives } from './positives';

describe('the labelled corpus', () => {
  const counts = judgeCorpus();

  it('is large enough to mean something', () => {
    expect(positives.length).toBeGreaterThanOrEqual(150);
    expect(negatives.length).toBeGreaterThanOrEqual(200);
    expect(new Set([...positives, ...negatives]).size).toBe(positives.length + negatives.length);
  });

  it.each(sensitiveKinds)('%s: at most one in fifty of what is found is wrong', (kind) => {
    const { right, wrong } = counts[kind];
    expect({ wrong, isPrecise: wrong.length * 50 <= right }).toEqual({ wrong, isPrecise: true });
  });

  it.each(sensitiveKinds)('%s: at least nineteen in twenty are found', (kind) => {
    const { right, missed } = counts[kind];
    expect({ missed, isComplete: missed.length * 20 <= right + missed.length }).toEqual({ missed, isComplete: true });
  });

  it('has nothing found in the texts that hold nothing', () => {
    expect(negatives.filter((text) => detectSensitive(text).length > 0)).toEqual([]);
  });
});

describe('texts that were written after the detectors', () => {
  const judgements = Object.values(judgeHeldOut());
  const right = judgements.reduce((sum, judgement) => sum + judgement.right, 0);

  it('have at most one in twenty wrong of what is found in them', () => {
    const wrong = judgements.flatMap((judgement) => judgement.wrong);
    expect({ wrong, isPrecise: wrong.length * 20 <= right }).toEqual({ wrong, isPrecise: true });
  });

  it('have at least nine in ten of their values found', () => {
    const missed = judgements.flatMap((judgement) => judgement.missed);
    expect({ missed, isComplete: missed.length * 10 <= right + missed.length }).toEqual({ missed, isComplete: true });
  });
});
