import { feedbackSchema } from '../doors/feedback-door';
import { messagesPaths } from './messages-paths';
import { openAiPaths } from './openai-paths';
import { callErrors, costHeaders, envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const steering = [
  ['X-Costlane-Use-Cache', 'true or false'],
  ['X-Costlane-Cache-Ttl-Seconds', 'how long the answer may be served again'],
  ['X-Costlane-Cache-Tag', 'a name by which entries can be dropped together'],
  ['X-Costlane-Semantic-Cache', 'false: no answer to another wording of the question'],
  [
    'X-Costlane-Min-Similarity',
    'cosine from which another question counts as alike; it can only raise the deployment’s',
  ],
  ['X-Costlane-Priority', 'express, standard or batch'],
  ['X-Costlane-Deadline-Ms', 'time for the whole answer'],
  ['X-Costlane-Feature', 'feature name for the records'],
  ['X-Costlane-Experiment', 'experiment for the records'],
  ['X-Costlane-User', 'user for the records; experiments are split by it'],
  ['X-Costlane-Quality', 'low, medium or high: how good the answer has to be, where the model is chosen here'],
  ['X-Costlane-Task-Type', 'what kind of task it is, for the choice of the model'],
  ['X-Costlane-User-Tier', 'free, standard or premium: whose request it is, for the choice of the model'],
  ['Idempotency-Key', 'a repeated request with this key gets the first answer'],
].map(([name, description]) => ({ name, in: 'header', description, schema: { type: 'string' } }));

const inference = (operationId: string): JsonObject => ({
  post: {
    operationId,
    tags: ['inference'],
    summary: 'Ask a model',
    description:
      'Answers in the envelope; with `stream: true` as server-sent events `{"type":"delta","text":…}` and last `{"type":"done",…}` with the fields of the reply, or `{"type":"error","code":…,"message":…}`.',
    parameters: steering,
    requestBody: { required: true, content: json(ref('InferenceRequest')) },
    responses: {
      200: {
        description: 'The answer.',
        headers: costHeaders,
        content: { ...json(envelopeOf(ref('InferenceReply'))), 'text/event-stream': { schema: ref('InferenceEvent') } },
      },
      ...errors(ref('Error'), ...callErrors),
    },
  },
});

const chatPage = {
  get: {
    operationId: 'chatPage',
    tags: ['pages'],
    summary: 'A page to chat on',
    responses: { 200: { description: 'HTML', content: { 'text/html': {} } } },
  },
};

const chatCompletions: JsonObject = {
  post: {
    operationId: 'createChatCompletion',
    tags: ['openai'],
    summary: 'OpenAI’s chat completions',
    description: 'Fields that are not named here pass through to the provider untouched.',
    parameters: steering,
    requestBody: { required: true, content: json(ref('ChatCompletionRequest')) },
    responses: {
      200: {
        description: 'A chat completion, or its chunks as server-sent events.',
        headers: costHeaders,
        content: { ...json({ type: 'object' }), 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...errors(ref('OpenAiError'), ...callErrors),
    },
  },
};

const stream: JsonObject = {
  get: {
    operationId: 'openStream',
    tags: ['inference'],
    summary: 'WebSocket',
    description:
      'Upgrade to a WebSocket. The client sends what it would post to /v1/inference, with an `id` of its own where it sends several at once; the server answers with frames `delta`, `done` and `error` that carry this `id`. `{"type":"cancel","id":…}` ends one request, closing the socket ends all. The key comes as a header of the handshake or in a first frame `{"type":"auth","api_key":…}`.',
    responses: {
      101: { description: 'The socket is open.' },
      ...errors(ref('Error'), 401, 503),
    },
  },
};

/** Doors that answer with a model's words. */
export const modelPaths: JsonObject = {
  '/v1/inference': inference('infer'),
  '/chat': { ...inference('chat'), ...chatPage },
  '/v1/chat/completions': chatCompletions,
  ...openAiPaths(steering),
  ...messagesPaths(steering),
  '/v1/stream': stream,
  '/dashboard': {
    get: {
      operationId: 'dashboardPage',
      tags: ['pages'],
      summary: 'A page that shows how the caches do',
      responses: { 200: { description: 'HTML', content: { 'text/html': {} } } },
    },
  },
  '/v1/feedback': {
    post: {
      operationId: 'giveFeedback',
      tags: ['inference'],
      summary: 'Say whether an answer from the cache was right',
      requestBody: { required: true, content: json(schemaOf(feedbackSchema, 'input')) },
      responses: {
        200: {
          description: 'It is taken; a wrong answer is gone.',
          content: json(
            envelopeOf({
              type: 'object',
              properties: { verdict: { enum: ['right', 'wrong'] }, removed_entries: { type: 'integer' } },
            }),
          ),
        },
        ...errors(ref('Error'), 400, 401, 404, 429, 503),
      },
    },
  },
};
