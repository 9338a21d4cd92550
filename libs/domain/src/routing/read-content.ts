import { estimateComplexity } from '../complexity/estimate-complexity';
import { estimateTokens } from '../money/estimate-tokens';
import type { RouteContent } from './route-content';
import type { ModelCapabilities } from './routing-policy';
import type { ComplexityWeights } from './routing-settings';

export interface ContentScales {
  /** Default: the usual ones. */
  weights?: ComplexityWeights;
  /** Probability that only a stronger model will do. */
  predictGain: (text: string) => number | undefined;
  /** How many tokens answers to requests of this complexity usually have. */
  expectOutputTokens: (complexity: number) => number;
}

interface ReadPrompt {
  /** What the user asked last. */
  text: string;
  systemText: string;
  /** Messages of users. */
  turns: number;
  /** Of all text, tools included. */
  promptTokens: number;
  hasImages: boolean;
  hasAudio: boolean;
}

/** Tokens that providers count for an image, in the order of magnitude: 85 to some 1,600 by its size and detail. */
const IMAGE_TOKENS = 800;
const MESSAGE_TOKENS = 4;

/** What a chat body holds, as far as the choice of a model rests on it. The body has been validated. */
export function readContent(body: Record<string, unknown>, scales: ContentScales, taskType?: string): RouteContent {
  const prompt = readPrompt(body);
  const maxOutputTokens = positive(body['max_completion_tokens']) ?? positive(body['max_tokens']);
  const needs = needsOf(body, prompt);
  const { complexity, factors, language } = estimateComplexity(
    {
      text: prompt.text,
      systemText: prompt.systemText,
      turns: prompt.turns,
      contextTokens: prompt.promptTokens,
      maxOutputTokens,
      hasTools: needs.includes('tools'),
      hasImages: prompt.hasImages,
      wantsStructuredOutput: needs.includes('jsonMode') || needs.includes('jsonSchema'),
      taskType,
    },
    scales.weights,
  );
  const usual = scales.expectOutputTokens(complexity) * (positive(body['n']) ?? 1);
  return {
    text: prompt.text,
    complexity,
    factors: { ...factors },
    predictedGain: scales.predictGain(prompt.text),
    language,
    taskType,
    promptTokens: prompt.promptTokens,
    maxOutputTokens,
    expectedOutputTokens: Math.round(Math.min(usual, maxOutputTokens ?? Infinity)),
    needs,
  };
}

function readPrompt(body: Record<string, unknown>): ReadPrompt {
  const found: ReadPrompt = { text: '', systemText: '', turns: 0, promptTokens: 0, hasImages: false, hasAudio: false };
  for (const message of listOf(body['messages'])) {
    const role = message['role'];
    const text = textOf(message['content'], found);
    found.promptTokens += estimateTokens(text) + MESSAGE_TOKENS;
    if (message['tool_calls']) found.promptTokens += estimateTokens(JSON.stringify(message['tool_calls']));
    if (role === 'user') {
      found.turns += 1;
      found.text = text;
    } else if (role === 'system' || role === 'developer') found.systemText += `${text}\n`;
  }
  const tools = listOf(body['tools']);
  if (tools.length > 0) found.promptTokens += estimateTokens(JSON.stringify(tools).length);
  return found;
}

/** The text of a message; what is not text is noted in `found`. */
function textOf(content: unknown, found: ReadPrompt): string {
  if (typeof content === 'string') return content;
  let text = '';
  for (const part of listOf(content)) {
    if (typeof part['text'] === 'string') text += text === '' ? part['text'] : `\n${part['text']}`;
    else if (part['type'] === 'image_url') {
      found.hasImages = true;
      found.promptTokens += IMAGE_TOKENS;
    } else if (part['type'] === 'input_audio') found.hasAudio = true;
  }
  return text;
}

function needsOf(body: Record<string, unknown>, { hasImages, hasAudio }: ReadPrompt): (keyof ModelCapabilities)[] {
  const needs: (keyof ModelCapabilities)[] = [];
  if (listOf(body['tools']).length > 0 || listOf(body['functions']).length > 0) needs.push('tools');
  if (hasImages) needs.push('vision');
  if (hasAudio || isObject(body['audio'])) needs.push('audio');
  const format = body['response_format'];
  if (isObject(format) && format['type'] === 'json_schema') needs.push('jsonSchema');
  else if (isObject(format) && format['type'] === 'json_object') needs.push('jsonMode');
  if (body['logprobs'] === true) needs.push('logprobs');
  if (typeof body['reasoning_effort'] === 'string') needs.push('reasoning');
  return needs;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

const positive = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);
