import type { OpenAiErrorBody } from '@costlane/platform';
import type { ToldCosts } from '../openai-answers/answer-writer';
import type { ContentPart, OutputItem, ResponseObject } from './response-object';

const endings = {
  completed: 'response.completed',
  incomplete: 'response.incomplete',
  failed: 'response.failed',
} as const;

/** Writes the events of one response, numbered from 0, each in the Responses API's shape. */
export class ResponseEventWriter {
  private sequence = 0;

  event(type: string, fields: object): string {
    const data = JSON.stringify({ type, sequence_number: this.sequence++, ...fields });
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  begin(response: ResponseObject): string {
    return this.event('response.created', { response }) + this.event('response.in_progress', { response });
  }

  itemAdded(index: number, item: OutputItem): string {
    return this.event('response.output_item.added', { output_index: index, item });
  }

  itemDone(index: number, item: OutputItem): string {
    return this.event('response.output_item.done', { output_index: index, item });
  }

  partAdded(place: PartPlace, part: ContentPart | ReasoningPart): string {
    return this.event('response.content_part.added', { ...place, part: emptied(part) });
  }

  partDelta(place: PartPlace, part: ContentPart | ReasoningPart, delta: string, logprobs: unknown[] = []): string {
    const more =
      part.type === 'output_text' ? `,"logprobs":${logprobs.length > 0 ? JSON.stringify(logprobs) : '[]'}` : '';
    const at = `${placeJson(place)},"content_index":${place.content_index}`;
    return this.pieceEvent(`response.${part.type}.delta`, `${at},"delta":${JSON.stringify(delta)}${more}`);
  }

  /** The text of a part is whole, and with it the part. */
  partDone(place: PartPlace, part: ContentPart | ReasoningPart): string {
    const { type } = part;
    const whole =
      type === 'refusal'
        ? { refusal: part.refusal }
        : { text: part.text, ...(type === 'output_text' ? { logprobs: part.logprobs } : {}) };
    const done = this.event(`response.${type}.done`, { ...place, ...whole });
    return done + this.event('response.content_part.done', { ...place, part });
  }

  argumentsDelta(place: ItemPlace, delta: string): string {
    const fields = `${placeJson(place)},"delta":${JSON.stringify(delta)}`;
    return this.pieceEvent('response.function_call_arguments.delta', fields);
  }

  /** The event that comes most often, put together from text: spreading objects costs several times as much. */
  private pieceEvent(type: string, fields: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.sequence++},${fields}}\n\n`;
  }

  argumentsDone(place: ItemPlace, name: string, whole: string): string {
    return this.event('response.function_call_arguments.done', { ...place, name, arguments: whole });
  }

  /** The last event, with the costs beside the response. */
  end(response: ResponseObject, told: ToldCosts): string {
    const { status } = response;
    return this.event(status === 'in_progress' ? endings.completed : endings[status], { response, costlane: told });
  }

  fail(error: OpenAiErrorBody['error']): string {
    return errorEvent(error, this.sequence++);
  }
}

export interface ItemPlace {
  item_id: string;
  output_index: number;
}

export interface PartPlace extends ItemPlace {
  content_index: number;
}

export interface ReasoningPart {
  type: 'reasoning_text';
  text: string;
}

const placeJson = ({ item_id: id, output_index: index }: ItemPlace): string =>
  `"item_id":${JSON.stringify(id)},"output_index":${index}`;

/** As the API's reference has it, and with the object that official clients turn into an exception. */
export function errorEvent(error: OpenAiErrorBody['error'], sequence: number): string {
  const { code, message, param } = error;
  const data = { type: 'error', sequence_number: sequence, code, message, param, error };
  return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
}

function emptied(part: ContentPart | ReasoningPart): ContentPart | ReasoningPart {
  if (part.type === 'refusal') return { ...part, refusal: '' };
  return part.type === 'output_text' ? { ...part, text: '', logprobs: [] } : { ...part, text: '' };
}
