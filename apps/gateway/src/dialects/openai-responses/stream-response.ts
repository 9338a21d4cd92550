import type { ToldCosts } from '../openai-answers/answer-writer';
import { ResponseEventWriter } from './event-writer';
import type { OutputItem, ResponseObject } from './response-object';

/** Characters of text an event when a whole response is told as a stream. */
const PIECE_CHARACTERS = 400;

/** A whole response as the events of a stream. What built-in tools did comes as whole items. */
export function streamResponse(response: ResponseObject, told: ToldCosts): string {
  const writer = new ResponseEventWriter();
  const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null } as const;
  let events = writer.begin({ ...begun, output: [] });
  response.output.forEach((item, index) => {
    events += writer.itemAdded(index, begunItem(item));
    events += contentOf(writer, item, index);
    events += writer.itemDone(index, item);
  });
  return events + writer.end(response, told);
}

function contentOf(writer: ResponseEventWriter, item: OutputItem, index: number): string {
  let events = '';
  if (item.type === 'function_call') {
    const place = { item_id: item.id, output_index: index };
    for (const piece of pieces(item.arguments)) events += writer.argumentsDelta(place, piece);
    return events + writer.argumentsDone(place, item.name, item.arguments);
  }
  if (item.type !== 'message' && item.type !== 'reasoning') return '';
  (item.content ?? []).forEach((part, i) => {
    const place = { item_id: item.id, output_index: index, content_index: i };
    events += writer.partAdded(place, part);
    for (const piece of pieces(part.type === 'refusal' ? part.refusal : part.text)) {
      events += writer.partDelta(place, part, piece);
    }
    events += writer.partDone(place, part);
  });
  return events;
}

/** An item before anything of it was said. */
function begunItem(item: OutputItem): OutputItem {
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' };
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] };
  return item.type === 'reasoning' && item.content ? { ...item, content: [] } : item;
}

/** Cut between code points: half a surrogate pair is not text. */
function* pieces(text: string): Generator<string> {
  const characters = Array.from(text);
  for (let start = 0; start < characters.length; start += PIECE_CHARACTERS) {
    yield characters.slice(start, start + PIECE_CHARACTERS).join('');
  }
}
