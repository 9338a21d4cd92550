import { MAX_PROMPT_BYTES, promptOfJob, storedPrompt } from './stored-prompt';

describe('a stored prompt', () => {
  it('is the body as it is, for as long as its tenant wants', () => {
    const body = Buffer.from('{"messages":[{"role":"user","content":"Grüße"}]}');
    expect(storedPrompt(body, 30)).toEqual({ text: body.toString(), retentionDays: 30 });
    const longest = Buffer.alloc(MAX_PROMPT_BYTES, 'x');
    expect(storedPrompt(longest, 1).text).toBe(longest.toString());
  });

  it('is cut where it is longer, between two characters, and so that it can be seen that there was more', () => {
    // Characters of several bytes, and some ahead of them, so that the cut would fall into one for most of the shifts.
    for (const character of ['x', 'ü', '€', '😀']) {
      for (const shift of ['', 'x', 'xy', 'xyz']) {
        const { text } = storedPrompt(Buffer.from(shift + character.repeat(70_000)), 1);
        const bytes = Buffer.byteLength(text);
        expect(bytes).toBeGreaterThan(MAX_PROMPT_BYTES);
        expect(bytes).toBeLessThanOrEqual(MAX_PROMPT_BYTES + 4);
        expect(text).not.toContain('\ufffd');
        expect(text.startsWith(`${shift}${character}`)).toBe(true);
      }
    }
  });

  it('is none where the job’s tenant has not asked for it', () => {
    expect(promptOfJob({}, Buffer.from('{}'))).toBeUndefined();
    expect(promptOfJob({ promptRetentionDays: 7 }, Buffer.from('{}'))).toEqual({ text: '{}', retentionDays: 7 });
  });
});
