const asciiCharactersPerToken = 4;
const otherCharactersPerToken = 2;
const firstIdeographicCodeUnit = 0x2e80;

/**
 * An estimate of the tokens in a text, for a stream that was cut before its usage came and for reservations; what is
 * computed from it is marked `usage_source=estimated`. Not a tokeniser: about four ASCII characters a token (OpenAI's
 * rule of thumb), two of other alphabets, one of Chinese, Japanese and Korean; English prose comes out within some
 * 20 %, code and numbers lower than the truth. A number is taken as a count of ASCII characters.
 */
export function estimateTokens(textOrCharacterCount: string | number): number {
  if (typeof textOrCharacterCount === 'number') {
    return Number.isFinite(textOrCharacterCount) && textOrCharacterCount > 0
      ? Math.ceil(textOrCharacterCount / asciiCharactersPerToken)
      : 0;
  }
  let ascii = 0;
  let other = 0;
  let ideographic = 0;
  for (let i = 0; i < textOrCharacterCount.length; i++) {
    const codeUnit = textOrCharacterCount.charCodeAt(i);
    if (codeUnit < 0x80) ascii++;
    else if (codeUnit < firstIdeographicCodeUnit) other++;
    else ideographic++;
  }
  return Math.ceil(ascii / asciiCharactersPerToken + other / otherCharactersPerToken + ideographic);
}
