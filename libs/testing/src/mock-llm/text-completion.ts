import { invalidRequest, type Parsed } from './api-error';
import { countCompletionTokens, limitChoice, nextId, nowSeconds, type Answer } from './answer';
import type { Behaviour } from './behaviour';
import { readGenerationOptions, type GenerationOptions, type JsonObject } from './chat-request';
import { PromptDigest } from './prompt-digest';
import { doneEvent, type EventStream, type StreamOptions } from './render-chat';
import { renderUsage } from './render-usage';
import { splitText } from './split-text';
import { writeText } from './write-text';

/** A request to the older `/v1/completions`: one answer per prompt and choice. */
export interface CompletionRequest {
  options: GenerationOptions;
  prompts: string[];
}

/** Reads a completion request; a prompt is a text, a list of token numbers, or a list of either. */
export function readCompletionRequest(body: JsonObject): Parsed<CompletionRequest> {
  const options = readGenerationOptions(body);
  if (!options.ok) return options;
  const prompts = readTexts(body['prompt']);
  if (!prompts) return { ok: false, error: invalidRequest("Missing required parameter: 'prompt'.", 'prompt') };
  return { ok: true, value: { options: options.value, prompts } };
}

/** The texts of an input that may be a text, a list of texts, a list of token numbers or a list of such lists. */
export function readTexts(input: unknown): string[] | undefined {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (input.every((item) => typeof item === 'string')) return input;
  if (input.every((item) => typeof item === 'number')) return [input.join(' ')];
  return input.every((item) => Array.isArray(item)) ? input.map((item) => item.join(' ')) : undefined;
}

/** Composes the answer to a completion request. */
export function composeCompletion(request: CompletionRequest, behaviour: Behaviour): Answer {
  const { model, choiceCount, serviceTier } = request.options;
  let promptTokens = 0;
  const choices = [];
  let idSeed = 0;
  for (const prompt of request.prompts) {
    const digest = new PromptDigest();
    digest.addOpaque(model, 0);
    digest.addText(prompt);
    promptTokens += digest.tokens;
    idSeed = digest.seed;
    for (let i = 0; i < choiceCount; i += 1) {
      const text = writeText(digest.seed + Math.imul(i, 0x9e3779b1), behaviour.outputTokens);
      choices.push(limitChoice(request.options, choices.length, text, undefined, 0));
    }
  }
  return {
    id: nextId('cmpl-', idSeed),
    createdAtSeconds: nowSeconds(),
    model,
    serviceTier,
    choices,
    usage: {
      promptTokens: behaviour.promptTokens ?? promptTokens,
      cachedTokens: behaviour.cachedTokens ?? 0,
      cacheWriteTokens: behaviour.cacheWriteTokens ?? 0,
      completionTokens: countCompletionTokens(choices, 0),
      reasoningTokens: 0,
    },
    wantsLogprobs: false,
  };
}

/** The JSON body of a text completion. */
export function renderCompletion(answer: Answer, echo: string | undefined): string {
  const choices = answer.choices.map((choice) => renderPiece(choice.index, choice.text, choice.finishReason));
  const end = echo === undefined ? '}' : `,"mock_echo":${echo}}`;
  return `${renderHead(answer)}${choices.join(',')}],"usage":${renderUsage(answer.usage)}${end}`;
}

/** The events of a streamed text completion. */
export function renderCompletionEvents(answer: Answer, options: StreamOptions): EventStream {
  const head = `data: ${renderHead(answer)}`;
  const end = options.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  const content = answer.choices.flatMap((choice) =>
    splitText(choice.text, options.chunks).map((piece) => head + renderPiece(choice.index, piece, null) + end),
  );
  const tail = answer.choices.map((choice) => head + renderPiece(choice.index, '', choice.finishReason) + end);
  if (options.echo !== undefined && tail[0]) tail[0] = `${tail[0].slice(0, -3)},"mock_echo":${options.echo}}\n\n`;
  if (options.includeUsage) tail.push(`${head}],"usage":${renderUsage(answer.usage)}}\n\n`);
  tail.push(doneEvent);
  return { lead: [], content, tail };
}

function renderHead(answer: Answer): string {
  const model = JSON.stringify(answer.model);
  return `{"id":"${answer.id}","object":"text_completion","created":${answer.createdAtSeconds},"model":${model},"choices":[`;
}

function renderPiece(index: number, text: string, finishReason: string | null): string {
  const reason = finishReason === null ? 'null' : `"${finishReason}"`;
  return `{"index":${index},"text":${JSON.stringify(text)},"logprobs":null,"finish_reason":${reason}}`;
}
