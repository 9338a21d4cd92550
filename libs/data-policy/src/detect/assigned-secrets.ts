import type { SensitiveSpan } from '../sensitive-span';

/** Names whose value is a secret, and how long a value has to be to be taken for one. */
const passwordName =
  /(?:passw(?:or[dt]|d)|passphrase|passcode|pwd|contraseña|mot de passe|wachtwoord|senha|hasło|lösenord)$/i;
const keyName =
  /(?:api|access|secret|private|auth|encryption|signing|account|client|master)[ _-]?(?:key|secret|token)(?:[ _-]?id)?$|(?:[_-]|\b)(?:token|secret)$/i;
/** May also mean the passing of a test. */
const shortName = /(?:_|\b)pass$/i;
const NAME_WINDOW = 28;
const MIN_PASSWORD = 6;
const MIN_KEY = 12;

/** Values that stand for one: templates, types, words of documentation. */
const standIn =
  /^(?:[$<{%*(].*|.*[<>{}].*|[x*.•_-]+|.*\b(?:your|my|the|example|sample|dummy|placeholder|change.?me|replace|insert|redacted|hidden)\b.*|.*(?:your|placeholder|changeme|_here).*|pass(?:word|wd)?|secret|string|str|text|token|none|null|undefined|true|false|required|optional|admin|test|process\.env.*|os\.environ.*|env\..*|config\..*|self\..*|this\..*|req\..*|args\..*)$/i;

/** The secret behind the `:` or `=` at a place, where what stands before names one: `"api_key": "…"`, `DB_PASSWORD=…`. */
export function findAssigned(text: string, at: number): SensitiveSpan | undefined {
  const name = text.slice(Math.max(0, at - NAME_WINDOW), at).replace(/[\s"'`*\\]+$/, '');
  if (passwordName.test(name)) return findValue(text, at + 1, isPasswordValue);
  if (keyName.test(name)) return findValue(text, at + 1, isKeyValue);
  return shortName.test(name) ? findValue(text, at + 1, isMixedValue) : undefined;
}

/** The password that a sentence tells: `my password is …`. `at`: behind `passw`. */
export function findSpokenPassword(text: string, at: number): SensitiveSpan | undefined {
  const said = /^or[dt]e?(?: is| was| ist| lautet|,)?:? (?:["'`“])?(?=\S)/i.exec(text.slice(at, at + 24))?.[0];
  if (!said || !/(?:is|was|ist|lautet) ?["'`“]?$/i.test(said.trimEnd())) return undefined;
  const start = at + said.length;
  const value = (/^[^\s"'`“”[\]]{6,128}/.exec(text.slice(start, start + 129))?.[0] ?? '').replace(/[.,;!?)]+$/, '');
  return isMixedValue(value) && !standIn.test(value) ? { kind: 'secret', start, end: start + value.length } : undefined;
}

type ValueCheck = (value: string, isQuoted: boolean) => boolean;

function findValue(text: string, from: number, isSecret: ValueCheck): SensitiveSpan | undefined {
  const opening = /^[=:]?[ \t*]{0,3}(\\?["'`])?/.exec(text.slice(from, from + 6));
  const quote = opening?.[1]?.at(-1);
  const start = from + (opening?.[0].length ?? 0);
  const rest = text.slice(start, start + 257);
  const value = quote ? quoted(rest, quote) : bare(rest);
  if (value === undefined || standIn.test(value) || value.includes('[')) return undefined;
  return isSecret(value, quote !== undefined) ? { kind: 'secret', start, end: start + value.length } : undefined;
}

function quoted(rest: string, quote: string): string | undefined {
  const end = rest.indexOf(quote);
  return end < 0 ? undefined : rest.slice(0, end).replace(/\\$/, '');
}

/** A value without quotes ends at a space; a call, a member and a path of a program are none. */
function bare(rest: string): string | undefined {
  const value = (/^[^\s"'`,;()[\]{}<>\\]+/.exec(rest)?.[0] ?? '').replace(/[.:?*]+$/, '');
  return value === '' || rest[value.length] === '(' || /^[a-z_]+(?:\.[a-z_]+)+$/i.test(value) ? undefined : value;
}

const isPasswordValue = (value: string, isQuoted: boolean): boolean =>
  value.length >= MIN_PASSWORD &&
  !/\s/.test(value) &&
  (isQuoted ? !/^[a-z]+(?:[_.-][a-z]+)+$/i.test(value) : /\d/.test(value)) &&
  !/^https?:/.test(value);

const isMixedValue = (value: string): boolean =>
  value.length >= MIN_PASSWORD && /\d/.test(value) && /\p{L}/u.test(value) && !/\s/.test(value);

const isKeyValue = (value: string): boolean =>
  value.length >= MIN_KEY && /^[\w+/=.~-]+$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value);
