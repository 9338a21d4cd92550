/** Identifiers of a text that are looked at; more than that is a log or a listing. */
const MAX_IDENTIFIERS = 32;

/** Most texts have nothing that an identifier needs: one search, then no more. */
const HINT = /[_\\@]|\/\S*[/.]|(?:^|\s)[~.]*\/\w|[a-z\d][A-Z]|[\da-fA-F]{8}|\w\(/;

const WORD = /\S+/g;
/** Punctuation around a word that is no part of it. */
const AROUND = /^[("'`«“[<{,;]+|[)"'`»”\]>},;:.!?]+$/g;

const KINDS: readonly RegExp[] = [
  // snake_case, CONSTANT_CASE
  /^[A-Za-z\d]+(?:_[A-Za-z\d]+)+$/,
  // camelCase of three parts and more ("getUserById"): two are a brand as often ("YouTube")
  /^(?:[a-z]+[A-Z]|[A-Z][a-z\d]+[A-Z][a-z\d]+[A-Z])[a-z\d]+(?:[A-Z][A-Za-z\d]*)+$/,
  // paths: from a root, by a drive, of several folders, or of one with a file that has an extension
  /^(?:~|\.{1,2})?\/[\w.-]+(?:\/[\w.-]*)*$/,
  /^[A-Za-z]:\\\S+$/,
  /^\\\\\S+$/,
  /^[\w.-]+(?:\/[\w.-]+)+\.[A-Za-z]\w{0,4}$/,
  // addresses
  /^[a-z][a-z\d+.-]*:\/\/\S+$/i,
  /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/,
  // a hash; without a digit only where no word looks like it
  /^(?=[a-f]*\d)[\da-f]{7,64}$/i,
  /^[a-f]{8}(?:[a-f]{8})*$/i,
];

function normalForm(identifier: string): string {
  return identifier
    .replace(/^https?:\/\/(?:www\.)?/i, '')
    .replace(/\/$/, '')
    .toLowerCase();
}

/** Names of code, paths, addresses and hashes in a text, each once: words of any other kind may be slips of one another, these are not. */
export function identifiersOf(text: string): readonly string[] {
  if (!HINT.test(text)) return [];
  const found = new Set<string>();
  for (const [written] of text.matchAll(WORD)) {
    if (found.size >= MAX_IDENTIFIERS) break;
    const word = written.replace(/\(\)?[^\w]*$/, '').replace(AROUND, '');
    if (word.length > 2 && KINDS.some((kind) => kind.test(word))) found.add(normalForm(word));
  }
  return [...found];
}

/** Whether each text names something that the other does not. */
export function nameOthers(a: readonly string[], b: readonly string[]): boolean {
  return a.some((identifier) => !b.includes(identifier)) && b.some((identifier) => !a.includes(identifier));
}
