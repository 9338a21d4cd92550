import { invalidRequest, type ApiError, type Parsed } from '../api-error';
import { isObject, readModel, type ChatRequest, type JsonObject } from '../chat-request';
import { PromptDigest } from '../prompt-digest';

export interface GenerateRequest {
  /** The same as a chat request, for the text of the answer. */
  readonly chat: ChatRequest;
  readonly isThinking: boolean;
  readonly includesThoughts: boolean;
}

/** A call of Gemini's API: the model and the method are in the path. */
export interface GenerateCall {
  readonly model: string;
  readonly isStream: boolean;
}

export type GeneratePath = `/v1beta/models/${string}`;

const pathPattern = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** What a path asks for; undefined when it is none of Gemini's. */
export function generateCallOf(path: string): GenerateCall | undefined {
  const [, model, method] = pathPattern.exec(path) ?? [];
  return model === undefined
    ? undefined
    : { model: decodeURIComponent(model), isStream: method === 'streamGenerateContent' };
}

export const isGeneratePath = (path: string): path is GeneratePath => pathPattern.test(path);

/** The fields of a request; Google refuses every other one. */
const knownFields = new Set(
  'contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent serviceTier'.split(' '),
);
const knownSettings = new Set(
  (
    'maxOutputTokens temperature topP topK stopSequences responseMimeType responseJsonSchema thinkingConfig seed ' +
    'frequencyPenalty presencePenalty candidateCount'
  ).split(' '),
);
const toolDirective = '[[tool]]';
/** An image or a clip, whatever its size. */
const mediaTokens = 258;
const messageTokens = 4;

/** Reads a generateContent request and refuses what Google refuses, in its words. */
export function readGenerateRequest({ model, isStream }: GenerateCall, body: JsonObject): Parsed<GenerateRequest> {
  const known = readModel({ model });
  if (!known.ok) {
    const message = `models/${model} is not found for API version v1beta, or is not supported for generateContent.`;
    return { ok: false, error: { ...known.error, message } };
  }
  const settings = isObject(body['generationConfig']) ? body['generationConfig'] : {};
  const fault = findFault(body, settings) ?? findContentFault(listOf(body['contents']), model);
  if (fault) return { ok: false, error: fault };
  const prompt = new PromptDigest();
  prompt.addOpaque(model, 3);
  readPrompt(body, prompt);
  const lastUserText = textOfLastUser(listOf(body['contents']));
  const { stopSequences: stops, maxOutputTokens: maxTokens, responseMimeType } = settings;
  const thinking = isObject(settings['thinkingConfig']) ? settings['thinkingConfig'] : undefined;
  const schema = settings['responseJsonSchema'];
  const chat: ChatRequest = {
    options: {
      model,
      choiceCount: 1,
      maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
      stops: Array.isArray(stops) ? stops.filter((stop) => typeof stop === 'string') : [],
      isStream,
      includeUsage: true,
      serviceTier: typeof body['serviceTier'] === 'string' ? body['serviceTier'] : 'standard',
    },
    prompt,
    lastUserText,
    tool: chooseTool(body, lastUserText),
    jsonWish: schema
      ? { kind: 'schema', schema }
      : responseMimeType === 'application/json'
        ? { kind: 'object' }
        : undefined,
    wantsLogprobs: false,
  };
  const isThinking = thinking !== undefined && thinking['thinkingBudget'] !== 0;
  return {
    ok: true,
    value: { chat, isThinking, includesThoughts: isThinking && thinking['includeThoughts'] === true },
  };
}

function findFault(body: JsonObject, settings: JsonObject): ApiError | undefined {
  const unknown =
    Object.keys(body).find((key) => !knownFields.has(key)) ??
    Object.keys(settings).find((key) => !knownSettings.has(key));
  if (unknown !== undefined) {
    return invalidRequest(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`, null);
  }
  const { maxOutputTokens: maxTokens, temperature } = settings;
  if (maxTokens !== undefined && !(typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens > 0)) {
    return invalidRequest('* GenerateContentRequest.generation_config.max_output_tokens: must be positive', null);
  }
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 2)) {
    return invalidRequest(
      '* GenerateContentRequest.generation_config.temperature: must be in the range [0.0, 2.0]',
      null,
    );
  }
  if (listOf(body['contents']).length > 0) return undefined;
  return invalidRequest('* GenerateContentRequest.contents: contents is not specified', null);
}

function findContentFault(contents: readonly JsonObject[], model: string): ApiError | undefined {
  let pendingCalls = 0;
  for (const [i, content] of contents.entries()) {
    if (content['role'] !== 'user' && content['role'] !== 'model') {
      return invalidRequest('Please use a valid role: user, model.', null);
    }
    const parts = listOf(content['parts']);
    if (parts.length === 0 || parts.some((part) => part['text'] === '')) {
      return invalidRequest(`* GenerateContentRequest.contents[${i}].parts: contents.parts must not be empty.`, null);
    }
    const results = parts.filter((part) => isObject(part['functionResponse'])).length;
    if (results !== pendingCalls) {
      return invalidRequest(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
        null,
      );
    }
    const calls = parts.filter((part) => isObject(part['functionCall']));
    if (calls[0] && calls[0]['thoughtSignature'] === undefined && /gemini-3/.test(model)) {
      return invalidRequest('Function call is missing a thought_signature in functionCall parts.', null);
    }
    pendingCalls = calls.length;
  }
  return undefined;
}

function readPrompt(body: JsonObject, prompt: PromptDigest): void {
  const system = isObject(body['systemInstruction']) ? listOf(body['systemInstruction']['parts']) : [];
  for (const tool of listOf(body['tools'])) prompt.addText(JSON.stringify(tool));
  for (const part of system) prompt.addText(String(part['text']));
  if (isObject(body['generationConfig']) && body['generationConfig']['seed'] !== undefined) {
    prompt.addOpaque(`seed ${JSON.stringify(body['generationConfig']['seed'])}`, 0);
  }
  for (const content of listOf(body['contents'])) {
    prompt.addOpaque(String(content['role']), messageTokens);
    for (const part of listOf(content['parts'])) {
      if (isObject(part['inlineData'])) prompt.addOpaque(JSON.stringify(part), mediaTokens);
      else prompt.addText(typeof part['text'] === 'string' ? part['text'] : JSON.stringify(part));
    }
  }
}

const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

function textOfLastUser(contents: readonly JsonObject[]): string {
  const last = contents.findLast(({ role }) => role === 'user');
  return listOf(last?.['parts'])
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

function chooseTool(body: JsonObject, lastUserText: string): ChatRequest['tool'] {
  const config = isObject(body['toolConfig']) ? body['toolConfig']['functionCallingConfig'] : undefined;
  const mode = isObject(config) ? config['mode'] : undefined;
  if (mode === 'NONE' || (mode !== 'ANY' && !lastUserText.includes(toolDirective))) return undefined;
  const allowed =
    isObject(config) && Array.isArray(config['allowedFunctionNames']) ? config['allowedFunctionNames'] : [];
  const tool = listOf(body['tools'])
    .flatMap((each) => listOf(each['functionDeclarations']))
    .find(({ name }) => allowed.length === 0 || allowed.includes(name));
  return tool && { name: String(tool['name']), parameters: tool['parametersJsonSchema'] };
}
