import { hash } from 'node:crypto';
import { foldText, isLiteral } from './fold-text';

/** What can change an answer, besides the request's own fields. */
export interface FingerprintScope {
  tenantId: string;
  /** Wire dialect of the request (`openai.chat`, …): equal fields may mean different things in two dialects. */
  dialect: string;
}

export const normalizationModes = ['off', 'conservative', 'aggressive'] as const;

/**
 * Which differences of a prompt's text count for nothing. `off`: none. `conservative`: Unicode form, line ends and outer white space.
 * `aggressive`: also case, `?!.` at the end and repeated spaces of what users ask in plain words.
 */
export type NormalizationMode = (typeof normalizationModes)[number];

/** Fields that change how an answer travels or is billed, never what it says. */
export const transportFields: ReadonlySet<string> = new Set([
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
]);

/**
 * Key of everything that can change the answer: SHA-256 (hex) over the scope and the canonical JSON of the request, in which object
 * keys are sorted and `undefined` is absent. Only a prompt's text is normalised: the prompt, and messages of the system, the developer and the user.
 * All else (stop sequences, tools, names, what an assistant or a tool said) counts to the letter.
 */
export function fingerprint(
  scope: FingerprintScope,
  request: Record<string, unknown>,
  mode: NormalizationMode = 'conservative',
): string {
  const { tenantId, dialect } = scope;
  // Where gateways are set differently, none gives another's answer to what it holds to be a different question.
  const head = mode === 'conservative' ? [tenantId, dialect] : [tenantId, dialect, mode];
  const content = mode === 'off' ? render(request, asIs, transportFields) : renderRequest(request, mode);
  // One call over one string: a hash object and its updates cost more than the hashing.
  return hash('sha256', `${JSON.stringify(head)}${content}`, 'hex');
}

/** JSON with sorted keys and all text normalised: equal for values that differ only in ways that cannot change meaning. */
export function canonicalJson(value: unknown, without?: ReadonlySet<string>): string {
  return render(value, normaliseText, without);
}

const ASCII_ONLY = /^[\x20-\x7e\n\t]*$/;

/** NFC, CRLF and CR to LF, outer white space removed: never a change of meaning. */
export function normaliseText(text: string): string {
  const trimmed = text.trim();
  if (ASCII_ONLY.test(trimmed)) return trimmed;
  return trimmed.normalize('NFC').replace(/\r\n?/g, '\n');
}

type TextRule = (text: string) => string;

const asIs: TextRule = (text) => text;

/** Outer white space is looked at before it goes: indentation of the first line is a sign of code, too. */
const normaliseAndFold: TextRule = (text) => (isLiteral(text) ? normaliseText(text) : foldText(normaliseText(text)));

function render(value: unknown, rule: TextRule, without?: ReadonlySet<string>): string {
  if (typeof value === 'string') return JSON.stringify(rule(value));
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((item) => render(item, rule)).join(',')}]`;
  return renderObject(value as Record<string, unknown>, (_key, item) => render(item, rule), without);
}

function renderObject(
  record: Record<string, unknown>,
  renderField: (key: string, value: unknown) => string,
  without?: ReadonlySet<string>,
): string {
  let fields = '';
  for (const key of Object.keys(record).sort()) {
    const value = record[key];
    if (value === undefined || without?.has(key)) continue;
    fields += `${fields === '' ? '' : ','}${JSON.stringify(key)}:${renderField(key, value)}`;
  }
  return `{${fields}}`;
}

function renderRequest(request: Record<string, unknown>, mode: NormalizationMode): string {
  const userRule = mode === 'aggressive' && !wantsLiteralForm(request) ? normaliseAndFold : normaliseText;
  return renderObject(
    request,
    (key, value) => {
      if (key === 'messages' && Array.isArray(value))
        return `[${value.map((message) => renderMessage(message, userRule)).join(',')}]`;
      return render(value, key === 'prompt' && typeof value === 'string' ? userRule : asIs);
    },
    transportFields,
  );
}

function renderMessage(message: unknown, userRule: TextRule): string {
  if (!isRecord(message)) return render(message, asIs);
  const rule = ruleFor(message['role'], userRule);
  if (rule === asIs) return render(message, asIs);
  return renderObject(message, (key, value) => (key === 'content' ? renderContent(value, rule) : render(value, asIs)));
}

/** What an assistant said may be a beginning to be gone on with, and what a tool said is data: there a space counts. */
function ruleFor(role: unknown, userRule: TextRule): TextRule {
  if (role === 'user') return userRule;
  return role === 'system' || role === 'developer' ? normaliseText : asIs;
}

function renderContent(content: unknown, rule: TextRule): string {
  if (!Array.isArray(content)) return render(content, typeof content === 'string' ? rule : asIs);
  const renderPart = (part: unknown): string => {
    if (!isRecord(part) || part['type'] !== 'text') return render(part, asIs);
    return renderObject(part, (key, value) => render(value, key === 'text' ? rule : asIs));
  };
  return `[${content.map(renderPart).join(',')}]`;
}

/** Fields beside `response_format` with which servers such as vLLM take the form that an answer must have. */
export const structuredOutputFields = [
  'grammar',
  'structured_outputs',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
] as const;

/** Fields with which the answer has a form of its own, or is made from the words as they are. */
const literalFormFields = [
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'prediction',
  ...structuredOutputFields,
];

function wantsLiteralForm({ messages, response_format: format, ...rest }: Record<string, unknown>): boolean {
  if (literalFormFields.some((field) => isGiven(rest[field]))) return true;
  if (isGiven(format) && !(isRecord(format) && format['type'] === 'text')) return true;
  // Somewhere in the conversation a tool was used.
  return (
    Array.isArray(messages) &&
    messages.some(
      (message) =>
        isRecord(message) &&
        (message['role'] === 'tool' ||
          message['role'] === 'function' ||
          isGiven(message['tool_calls']) ||
          isGiven(message['function_call'])),
    )
  );
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
