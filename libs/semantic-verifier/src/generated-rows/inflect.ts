const irregular: Readonly<Record<string, string>> = { wife: 'wives', child: 'children', mouse: 'mice', man: 'men' };

/** The plural of a noun, or of a phrase by its last word. */
export function pluralOf(noun: string): string {
  const last = /[^ ]+$/.exec(noun)?.[0] ?? noun;
  const head = noun.slice(0, noun.length - last.length);
  const known = irregular[last];
  if (known !== undefined) return head + known;
  if (last.endsWith('man')) return `${head}${last.slice(0, -3)}men`;
  if (/[^aeiou]y$/.test(last)) return `${head}${last.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/.test(last)) return `${head}${last}es`;
  return `${head}${last}s`;
}
