import { MAX_PROMPT_BYTES, promptOfJob, storedPrompt } from './stored-prompt';

describe('a stored prompt', () => {
  it('is the body as it is, for as long as its tenant wants', () => {
    const body = Buffer.from('{"messages":[{"role":"user","content":"Grüße"}]}');
    expect(storedPrompt(body, 30)).toEqual({ text: body.toString(), retentionDays: 30 });
    const longest = Buffer.alloc(MAX_PROMPT_BYTES, 'x');
    expect(storedPrompt(longest, 1).text).toBe(longest.toString());
  });

  it('is cut where it is too long, between two characters, and says how long it was', () => {
    // Three bytes each, and one ahead of them, so that the limit falls into a character for one of the shifts.
    for (const shift of ['', 'x', 'xy']) {
      const body = Buffer.from(shift + '€'.repeat(30_000));
      const { text } = storedPrompt(body, 1);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_PROMPT_BYTES);
      expect(text).toContain(`[cut: ${body.length} bytes in all]`);
      expect(text).not.toContain('\ufffd');
      expect(text.startsWith(`${shift}€€`)).toBe(true);
    }
  });

  it('is none where the job’s tenant has not asked for it', () => {
    expect(promptOfJob({}, Buffer.from('{}'))).toBeUndefined();
    expect(promptOfJob({ promptRetentionDays: 7 }, Buffer.from('{}'))).toEqual({ text: '{}', retentionDays: 7 });
  });
});
