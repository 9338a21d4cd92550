import { checkVersionAndBetas } from './betas';

describe('the headers of Anthropic’s clients', () => {
  it.each([
    {},
    { 'anthropic-version': '2023-06-01' },
    { 'anthropic-version': '2026-10-21' },
    { 'anthropic-beta': 'prompt-caching-2024-07-31' },
    {
      'anthropic-beta': 'claude-code-20250219, interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14',
    },
    { 'anthropic-beta': '' },
  ])('may ask for what is there anyway: %j', (headers) => {
    expect(() => checkVersionAndBetas(headers)).not.toThrow();
  });

  it.each([
    [{ 'anthropic-version': '2023-01-01' }, /has to be 2023-06-01 or 2026-10-21/],
    [{ 'anthropic-beta': 'files-api-2025-04-14' }, /the beta files-api changes/],
    [{ 'anthropic-beta': 'prompt-caching-2024-07-31,mcp-client-2025-04-04' }, /the beta mcp-client changes/],
  ])('are refused where they change the API: %j', (headers, message) => {
    expect(() => checkVersionAndBetas(headers)).toThrow(message);
  });
});
