interface Said {
  content?: unknown;
  refusal?: unknown;
}

interface Choice {
  index?: number;
  message?: Said;
  delta?: Said;
}

/** What the first choice of a stored answer says, and whether the model refused; undefined for a body that cannot be read. */
export interface AnswerText {
  text: string;
  isRefusal: boolean;
}

/** What a refusal shows itself by stands in the first words. */
export const OPENING_CHARACTERS = 200;

/**
 * Reads a chat completion, whole (`json`) or as the events of a stream (`sse`), of which no more is read than gives `maxCharacters`, or than
 * shows that it is no refusal: each event is a document of its own, and reading them all costs more than storing the answer.
 */
export function answerText(
  body: Buffer,
  form: 'json' | 'sse',
  maxCharacters = Number.POSITIVE_INFINITY,
): AnswerText | undefined {
  try {
    const read: AnswerText = { text: '', isRefusal: false };
    if (form === 'json') take(read, JSON.parse(body.toString('utf8')));
    else
      for (const data of eventsOf(body)) {
        take(read, JSON.parse(data));
        if (read.text.length >= maxCharacters) break;
        if (maxCharacters < Number.POSITIVE_INFINITY && !mayOpenRefusal(read.text) && !namesRefusal(body)) break;
      }
    return read;
  } catch {
    return undefined;
  }
}

function* eventsOf(body: Buffer): Generator<string> {
  for (let start = 0; start < body.length;) {
    const lineFeed = body.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? body.length : lineFeed;
    const line = body.toString('utf8', start, end);
    start = end + 1;
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (data !== '' && data !== '[DONE]') yield data;
  }
}

const LINE_FEED = 0x0a;

function take(read: AnswerText, document: unknown): void {
  const { choices } = document as { choices?: Choice[] };
  if (!Array.isArray(choices)) return;
  for (const { index = 0, message, delta } of choices) {
    const said = message ?? delta;
    if (index !== 0 || !said) continue;
    if (typeof said.content === 'string') read.text += said.content;
    if (typeof said.refusal === 'string' && said.refusal !== '') read.isRefusal = true;
  }
}

/** Openings by which models turn a request down in plain text; looked for only at the start of an answer. */
const refusalPattern =
  /^(?:(?:i['’]?m|i am) (?:very |really |so |truly )?sorry|sorry|apologies|unfortunately)?[,.]?\s*(?:but )?(?:i(?:['’]m| am) (?:not able|unable) to|i (?:can(?:no|['’])?t|cannot|won['’]t|will not) (?:help|assist|comply|provide|answer|continue|do|fulfil|create|engage|discuss|support)|(?:as an ai(?: language)? model,? )i (?:can(?:no|['’])?t|cannot|am unable)|i (?:don['’]t|do not) (?:have access|have (?:any )?information|know))/i;

/** What {@link refusalPattern} can begin with: most answers begin otherwise, and are known by their first letter. */
const mayOpenRefusal = (text: string): boolean => /^\s*(?:$|[isaub,.])/i.test(text);

const REFUSAL_FIELD = Buffer.from('"refusal"');

/** Whether an event has a refusal in its field: `null`, which providers send with each, is none. */
function namesRefusal(body: Buffer): boolean {
  for (let at = body.indexOf(REFUSAL_FIELD); at >= 0; at = body.indexOf(REFUSAL_FIELD, at + 1)) {
    const behind = at + REFUSAL_FIELD.length;
    if (!/^\s*:\s*null/.test(body.toString('latin1', behind, behind + NULL_REFUSAL_BYTES))) return true;
  }
  return false;
}

const NULL_REFUSAL_BYTES = 16;

/**
 * Whether an answer declines rather than answers: asked a moment later it may be answered, so it is not kept. Plain-text refusals have no
 * field; their openings are few.
 */
export const isRefusal = ({ text, isRefusal: said }: AnswerText): boolean =>
  said || refusalPattern.test(text.trimStart());
