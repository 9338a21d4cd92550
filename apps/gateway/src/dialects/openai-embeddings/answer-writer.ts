import type { AnswerWriter } from '../openai-answers/answer-writer';

const noStreams = (): never => {
  throw new Error('embeddings are not streamed');
};

/** Embeddings are passed on as they came. */
export const embeddingsWriter: AnswerWriter = {
  answerName: 'a list of embeddings',
  document({ form, body }) {
    if (form !== 'json') throw new Error('not a list of embeddings');
    return body;
  },
  events: noStreams,
  stream: noStreams,
};
