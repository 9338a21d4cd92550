/** Our provider names, and names people use for them, as the price list spells them. */
const listedNames: Readonly<Record<string, string>> = {
  gemini: 'google',
  xai: 'x-ai',
  bedrock: 'aws',
};

/** Never by likeness: a server called `openai-compatible` is not OpenAI and does not cost what OpenAI does. */
export function listedProviderName(provider: string): string {
  const lower = provider.toLowerCase();
  return Object.hasOwn(listedNames, lower) ? (listedNames[lower] ?? lower) : lower;
}
