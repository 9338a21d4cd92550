/** Coarse language of a text: ISO 639-1, `other` where nothing tells. */
export type TextLanguage = 'en' | 'de' | 'fr' | 'es' | 'it' | 'pt' | 'nl' | 'zh' | 'ja' | 'ko' | 'ru' | 'ar' | 'other';

/** Short frequent words that few other languages share. */
const marks: Readonly<Partial<Record<TextLanguage, string>>> = {
  en: 'the and is are what how of to for with this that you my does which write an it be from have when why who hi hello thanks',
  de: 'der die das und ist nicht ein eine einen mit für wie was ich auf den dem zu wann warum welche sind wird von im guten wurde',
  fr: "le la les des est une et pour dans avec que quelle quel comment pourquoi du sur ce cette je vous bonjour l' d' ton qui",
  es: 'el los las una es y para con por qué cómo cuál cuántos del se lo un hola cuándo dónde este esta entre',
  it: 'il gli è una e per con che come perché quale della di sono questo ciao',
  pt: 'o os uma é e para com por que como qual não do da você são olá',
  nl: 'het een van is en voor met wat hoe niet ik de dat waarom welke zijn',
};

const languagesOfWord = new Map<string, TextLanguage[]>();
for (const [language, words] of Object.entries(marks) as [TextLanguage, string][])
  for (const word of words.split(' ')) {
    const known = languagesOfWord.get(word);
    if (known) known.push(language);
    else languagesOfWord.set(word, [language]);
  }

/** How many characters of a text are read: enough to tell its language. */
const readCharacters = 600;

/** Script of a letter beyond Latin; undefined for Latin letters and what is none. */
function scriptOf(code: number): TextLanguage | undefined {
  if (code < 0x400) return undefined;
  if (code < 0x530) return 'ru';
  if (code >= 0x600 && code < 0x700) return 'ar';
  if (code >= 0x3040 && code < 0x3100) return 'ja';
  if (code >= 0x4e00 && code < 0xa000) return 'zh';
  if (code >= 0xac00 && code < 0xd7b0) return 'ko';
  return undefined;
}

/** Letters, and the apostrophe behind which French goes on. */
const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code < 0x250);

/**
 * The language a text is probably written in, by its script and its short words; English where Latin letters carry no mark at all (code, names,
 * keywords). Reads the first 600 characters once; never throws. Coarse: for choosing and for statistics, not for translation.
 */
export function languageOf(text: string): TextLanguage {
  const part = (text.length > readCharacters ? text.slice(0, readCharacters) : text).toLowerCase();
  const votes = new Map<TextLanguage, number>();
  const vote = (language: TextLanguage, by: number): void => void votes.set(language, (votes.get(language) ?? 0) + by);
  let start = -1;
  let latinLetters = 0;
  for (let at = 0; at <= part.length; at += 1) {
    const code = at < part.length ? part.charCodeAt(at) : 32;
    if (isLetter(code)) {
      latinLetters += 1;
      if (start < 0) start = at;
      continue;
    }
    const script = scriptOf(code);
    // A character of these scripts says about as much as half a word; kana decide against Chinese, which Japanese also uses.
    if (script) vote(script, script === 'ja' ? 2 : 0.5);
    if (start >= 0) {
      const end = code === 39 || code === 0x2019 ? at + 1 : at;
      const word = end > at ? `${part.slice(start, at)}'` : part.slice(start, at);
      for (const language of languagesOfWord.get(word) ?? []) vote(language, 1);
      start = -1;
    }
  }
  let best: TextLanguage = latinLetters > 0 ? 'en' : 'other';
  let most = 0;
  for (const [language, count] of votes)
    if (count > most) {
      best = language;
      most = count;
    }
  return best;
}
