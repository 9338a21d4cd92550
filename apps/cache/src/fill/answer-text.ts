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

/** Reads a chat completion, whole (`json`) or as the events of a stream (`sse`). */
export function answerText(body: Buffer, form: 'json' | 'sse'): AnswerText | undefined {
  try {
    const read: AnswerText = { text: '', isRefusal: false };
    if (form === 'json') take(read, JSON.parse(body.toString('utf8')));
    else
      for (const line of body.toString('utf8').split('\n')) {
        const data = line.startsWith('data:') ? line.slice(5).trim() : '';
        if (data !== '' && data !== '[DONE]') take(read, JSON.parse(data));
      }
    return read;
  } catch {
    return undefined;
  }
}

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

/**
 * Whether an answer declines rather than answers: asked a moment later it may be answered, so it is not kept. Plain-text refusals have no
 * field; their openings are few.
 */
export const isRefusal = ({ text, isRefusal: said }: AnswerText): boolean =>
  said || refusalPattern.test(text.trimStart());
