import type { FastifyInstance } from 'fastify';
import { registerChatDoor } from './chat-door';
import { registerCompletionsDoor } from './completions-door';
import { registerEmbeddingsDoor } from './embeddings-door';
import { registerInferenceDoor, type InferenceDoorDeps } from './inference-door';
import { registerMessagesDoor } from './messages-door';
import type { ModelDoorDeps } from './model-door';
import { registerResponsesDoor } from './responses-door';

/** All doors at which models are asked. Bodies stay bytes until their door reads them: the hot ones read them once. */
export function registerModelDoors(
  fastify: FastifyInstance,
  deps: ModelDoorDeps & Pick<InferenceDoorDeps, 'ask' | 'isKeyRequired'>,
): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  registerChatDoor(fastify, deps);
  registerResponsesDoor(fastify, deps);
  registerEmbeddingsDoor(fastify, deps);
  registerCompletionsDoor(fastify, deps);
  registerMessagesDoor(fastify, deps);
  registerInferenceDoor(fastify, deps);
}
