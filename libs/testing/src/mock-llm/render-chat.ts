import type { Answer, Choice } from './answer';
import { charsPerToken } from './prompt-digest';
import { renderUsage } from './render-usage';
import { splitText } from './split-text';

/** A streamed answer as server-sent events: what comes before, with and after the content. */
export interface EventStream {
  lead: string[];
  content: string[];
  tail: string[];
}

export interface StreamOptions {
  /** Content chunks per choice. */
  chunks: number;
  includeUsage: boolean;
  /** The received body, to be returned as `mock_echo`. */
  echo: string | undefined;
}

export const doneEvent = 'data: [DONE]\n\n';
const fingerprint = 'fp_mock';

/**
 * The JSON body of a chat completion. Put together from text because JSON.stringify of the whole tree costs several
 * times as much, and this is the path that the benchmark measures.
 */
export function renderChat(answer: Answer, echo: string | undefined): string {
  let choices = '';
  for (const choice of answer.choices) choices += (choices === '' ? '' : ',') + renderChoice(choice, answer);
  return (
    `{"id":"${answer.id}","object":"chat.completion","created":${answer.createdAtSeconds},` +
    `"model":${JSON.stringify(answer.model)},"choices":[${choices}],"usage":${renderUsage(answer.usage)},` +
    `"service_tier":${JSON.stringify(answer.serviceTier)},"system_fingerprint":"${fingerprint}"` +
    (echo === undefined ? '}' : `,"mock_echo":${echo}}`)
  );
}

/** The events of a streamed chat completion, in OpenAI's order and shapes. */
export function renderChatEvents(answer: Answer, options: StreamOptions): EventStream {
  const head =
    `data: {"id":"${answer.id}","object":"chat.completion.chunk","created":${answer.createdAtSeconds},` +
    `"model":${JSON.stringify(answer.model)},"service_tier":${JSON.stringify(answer.serviceTier)},` +
    `"system_fingerprint":"${fingerprint}","choices":[`;
  // With include_usage every chunk but the last carries a null usage.
  const end = options.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  const echo = options.echo === undefined ? '' : `],"mock_echo":${options.echo}${end.slice(1)}`;
  const lead = answer.choices.map((choice, i) => head + renderRoleDelta(choice) + (i === 0 && echo ? echo : end));
  const content: string[] = [];
  const pieces = answer.choices.map((choice) => splitText(choice.text, options.chunks));
  const longest = Math.max(...pieces.map((list) => list.length));
  for (let i = 0; i < longest; i += 1) {
    for (const choice of answer.choices) {
      const piece = pieces[choice.index]?.[i];
      if (piece !== undefined) content.push(head + renderContentDelta(choice, piece, answer.wantsLogprobs) + end);
    }
  }
  const tail = answer.choices.map(
    (choice) =>
      `${head}{"index":${choice.index},"delta":{},"logprobs":null,"finish_reason":"${choice.finishReason}"}${end}`,
  );
  if (options.includeUsage) tail.push(`${head}],"usage":${renderUsage(answer.usage)}}\n\n`);
  tail.push(doneEvent);
  return { lead, content, tail };
}

function renderChoice(choice: Choice, answer: Answer): string {
  const message = choice.tool
    ? `{"role":"assistant","content":null,"tool_calls":[${renderToolCall(choice, choice.text)}],"refusal":null,"annotations":[]}`
    : `{"role":"assistant","content":${JSON.stringify(choice.text)},"refusal":null,"annotations":[]}`;
  const logprobs = answer.wantsLogprobs && !choice.tool ? renderLogprobs(choice.text) : 'null';
  return `{"index":${choice.index},"message":${message},"logprobs":${logprobs},"finish_reason":"${choice.finishReason}"}`;
}

function renderRoleDelta(choice: Choice): string {
  const delta = choice.tool
    ? `{"role":"assistant","content":null,"tool_calls":[${renderToolCall(choice, '', 0)}],"refusal":null}`
    : '{"role":"assistant","content":"","refusal":null}';
  return `{"index":${choice.index},"delta":${delta},"logprobs":null,"finish_reason":null}`;
}

function renderContentDelta(choice: Choice, piece: string, wantsLogprobs: boolean): string {
  if (choice.tool) {
    const call = `{"index":0,"function":{"arguments":${JSON.stringify(piece)}}}`;
    return `{"index":${choice.index},"delta":{"tool_calls":[${call}]},"logprobs":null,"finish_reason":null}`;
  }
  const logprobs = wantsLogprobs ? renderLogprobs(piece) : 'null';
  return `{"index":${choice.index},"delta":{"content":${JSON.stringify(piece)}},"logprobs":${logprobs},"finish_reason":null}`;
}

function renderToolCall(choice: Choice, args: string, index?: number): string {
  const position = index === undefined ? '' : `"index":${index},`;
  const call = `"function":{"name":${JSON.stringify(choice.tool?.name)},"arguments":${JSON.stringify(args)}}`;
  return `{${position}"id":"${choice.tool?.id}","type":"function",${call}}`;
}

function renderLogprobs(text: string): string {
  const content = [];
  for (let start = 0; start < text.length; start += charsPerToken) {
    const token = text.slice(start, start + charsPerToken);
    content.push({ token, logprob: -0.1, bytes: [...Buffer.from(token)], top_logprobs: [] });
  }
  return JSON.stringify({ content, refusal: null });
}
