import { semanticQuestion, type SemanticQuestion } from '@costlane/domain';
import { parsedBody } from '../../core/parsed-body';

/** What a request says about which answers may serve it. */
export interface AnswerNeeds {
  /** Absent: only the answer to the very same request. */
  question?: SemanticQuestion;
  /** The answer has to be a JSON document. */
  expectsJson?: true;
  /** The schema that it has to follow. */
  jsonSchema?: unknown;
}

/**
 * Read only for requests that no cache nearer by has answered: the body is mostly parsed again, for keeping every parsed body would cost the
 * hits more.
 */
export function answerNeeds(raw: Buffer): AnswerNeeds {
  const body = parsedBody(raw) as Record<string, unknown>;
  const format = body['response_format'] as { type?: unknown; json_schema?: { schema?: unknown } } | null | undefined;
  const isJson = format?.type === 'json_object' || format?.type === 'json_schema';
  return {
    question: semanticQuestion('openai.chat', body),
    expectsJson: isJson ? true : undefined,
    jsonSchema: format?.type === 'json_schema' ? format.json_schema?.schema : undefined,
  };
}
