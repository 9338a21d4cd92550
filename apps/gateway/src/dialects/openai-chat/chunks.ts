/** Parts of OpenAI's chat completion objects that are read and made here; everything else is carried along. */
export interface ChatChunk {
  id?: string;
  created?: number;
  model?: string;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  choices: ChunkChoice[];
  usage?: unknown;
}

export interface ChunkChoice {
  index: number;
  delta: Delta;
  finish_reason: string | null;
  logprobs?: { content?: unknown[] | null; refusal?: unknown[] | null } | null;
}

export interface Delta {
  role?: string;
  content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCallDelta[];
  [field: string]: unknown;
}

export interface ToolCallDelta {
  /** Left out by some providers. */
  index?: number;
  id?: string;
  type?: string;
  function?: { name?: string; arguments?: string };
  /** Calls of other types carry an object of their own. */
  [field: string]: unknown;
}

export interface ToolCall {
  id?: string;
  type: string;
  function?: { name: string; arguments: string };
  [field: string]: unknown;
}

export interface ChatMessage {
  role: string;
  content: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[];
  function_call?: object;
  [field: string]: unknown;
}

export interface ChatCompletion {
  id?: string;
  object: 'chat.completion';
  created?: number;
  model?: string;
  choices: {
    index: number;
    message: ChatMessage;
    finish_reason: string | null;
    logprobs?: { content?: unknown[] | null; refusal?: unknown[] | null } | null;
  }[];
  usage?: unknown;
  system_fingerprint?: string | null;
  service_tier?: string | null;
}

/** The data of each event in a complete stream, `[DONE]` left out. */
export function parseEvents(sse: Buffer): ChatChunk[] {
  const chunks: ChatChunk[] = [];
  for (const line of sse.toString('utf8').split(/\r\n|\n|\r/)) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice(5).trim();
    if (data !== '' && data !== '[DONE]') chunks.push(JSON.parse(data) as ChatChunk);
  }
  return chunks;
}

export const encodeEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
export const DONE_EVENT = 'data: [DONE]\n\n';
