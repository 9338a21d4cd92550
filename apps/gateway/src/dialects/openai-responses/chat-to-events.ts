import type { OpenAiErrorBody } from '@costlane/platform';
import type { ToldCosts } from '../openai-answers/answer-writer';
import type { JsonObject } from '../openai-answers/refuse-field';
import type { ChatChunk, Delta, ToolCallDelta } from '../openai-chat/chunks';
import { ResponseEventWriter, type ReasoningPart } from './event-writer';
import {
  endingOf,
  idStem,
  toResponseUsage,
  type CallItem,
  type ContentPart,
  type MessageItem,
  type ReasoningItem,
  type ResponseObject,
} from './response-object';
import { thoughtsOf } from './to-response';

type SpokenItem = MessageItem | ReasoningItem;

/** The item that is being spoken, and which of its parts. */
interface Speaking {
  item: SpokenItem;
  index: number;
  part: ContentPart | ReasoningPart;
  partIndex: number;
}

/**
 * Turns the chunks of a chat stream into the events of a response as they come: reasoning, message and calls are items in the order in
 * which they begin. Only the first choice: a response has one.
 */
export class ChatToResponseEvents {
  private readonly writer = new ResponseEventWriter();
  private response: ResponseObject | undefined;
  private stem = '';
  private speaking: Speaking | undefined;
  private readonly calls = new Map<number, { item: CallItem; index: number }>();
  private finishReason: string | null = null;
  private usage: unknown;

  constructor(private readonly repeated: JsonObject) {}

  take(chunk: ChatChunk): string {
    let events = this.response ? '' : this.begin(chunk);
    if (chunk.usage) this.usage = chunk.usage;
    if (chunk.service_tier && this.response) this.response['service_tier'] = chunk.service_tier;
    for (const { index, delta, finish_reason: reason, logprobs } of chunk.choices ?? []) {
      if (index !== 0) continue;
      events += this.say(delta ?? {}, logprobs?.content ?? []);
      if (reason) this.finishReason = reason;
    }
    return events;
  }

  /** Everything is closed, and the whole response comes with the costs. Throws when nothing was said of a response at all. */
  end(told: ToldCosts): string {
    const { response } = this;
    if (!response) throw new Error('the stream has no chunk');
    let events = '';
    // An answer that says nothing at all is still a message.
    if (response.output.length === 0) events += this.speak(textPart());
    const ending = endingOf(this.finishReason);
    events += this.stopSpeaking(ending.status);
    for (const { item, index } of this.calls.values()) {
      const place = { item_id: item.id, output_index: index };
      item.status = ending.status;
      events += this.writer.argumentsDone(place, item.name, item.arguments) + this.writer.itemDone(index, item);
    }
    Object.assign(response, ending, { usage: toResponseUsage(this.usage) });
    return events + this.writer.end(response, told);
  }

  fail(error: OpenAiErrorBody['error']): string {
    return this.writer.fail(error);
  }

  private begin(chunk: ChatChunk): string {
    this.stem = idStem(chunk.id);
    this.response = {
      id: `resp_${this.stem}`,
      object: 'response',
      created_at: chunk.created ?? Math.floor(Date.now() / 1_000),
      status: 'in_progress',
      error: null,
      incomplete_details: null,
      model: chunk.model ?? '',
      output: [],
      ...this.repeated,
      service_tier: chunk.service_tier ?? 'default',
      usage: null,
    };
    return this.writer.begin(this.response);
  }

  private say(delta: Delta, logprobs: unknown[]): string {
    let events = '';
    const thoughts = thoughtsOf(delta);
    if (thoughts !== '') events += this.append({ type: 'reasoning_text', text: '' }, thoughts);
    if (delta.content) events += this.append(textPart(), delta.content, logprobs);
    if (delta.refusal) events += this.append({ type: 'refusal', refusal: '' }, delta.refusal);
    for (const call of delta.tool_calls ?? []) events += this.call(call);
    return events;
  }

  /** Goes on with the part that is being spoken, or begins one of this type. */
  private append(part: Speaking['part'], text: string, logprobs: unknown[] = []): string {
    const events = this.speaking?.part.type === part.type ? '' : this.speak(part);
    const { speaking } = this;
    if (!speaking) return events;
    if (speaking.part.type === 'refusal') speaking.part.refusal += text;
    else speaking.part.text += text;
    if (speaking.part.type === 'output_text') speaking.part.logprobs.push(...logprobs);
    return events + this.writer.partDelta(placeOf(speaking), speaking.part, text, logprobs);
  }

  private speak(part: Speaking['part']): string {
    const isThought = part.type === 'reasoning_text';
    const before = this.speaking;
    // Text and refusal are parts of one message.
    const goesOn = before?.item.type === 'message' && !isThought;
    let events = goesOn ? this.writer.partDone(placeOf(before), before.part) : this.stopSpeaking('completed');
    const output = this.response?.output ?? [];
    const index = goesOn ? before.index : output.length;
    const item: SpokenItem = goesOn ? before.item : this.newItem(isThought, index);
    if (!goesOn) {
      events += this.writer.itemAdded(index, item);
      output.push(item);
    }
    const content = (item.content ??= []) as Speaking['part'][];
    this.speaking = { item, index, part, partIndex: content.length };
    events += this.writer.partAdded(placeOf(this.speaking), part);
    content.push(part);
    return events;
  }

  private newItem(isThought: boolean, index: number): SpokenItem {
    // An answer may think and speak more than once.
    const suffix = index === 0 ? '' : `_${index}`;
    if (isThought) return { id: `rs_${this.stem}${suffix}`, type: 'reasoning', summary: [] };
    return { id: `msg_${this.stem}${suffix}`, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  }

  private stopSpeaking(status: string): string {
    const { speaking } = this;
    if (!speaking) return '';
    this.speaking = undefined;
    const { item, index, part } = speaking;
    if (item.type === 'message') item.status = status;
    return this.writer.partDone(placeOf(speaking), part) + this.writer.itemDone(index, item);
  }

  private call({ index, id, function: called }: ToolCallDelta): string {
    let events = '';
    // Providers that do not number their calls send each of them whole.
    const at = index ?? this.calls.size;
    let known = this.calls.get(at);
    if (!known) {
      events += this.stopSpeaking('completed');
      known = this.newCall(at, id, called?.name ?? '');
      events += this.writer.itemAdded(known.index, { ...known.item });
    }
    const { item } = known;
    const more = called?.arguments ?? '';
    if (more === '') return events;
    item.arguments += more;
    return events + this.writer.argumentsDelta({ item_id: item.id, output_index: known.index }, more);
  }

  private newCall(at: number, id: string | undefined, name: string): { item: CallItem; index: number } {
    const item: CallItem = {
      id: `fc_${this.stem}_${at}`,
      type: 'function_call',
      status: 'in_progress',
      call_id: id ?? `call_${this.stem}_${at}`,
      name,
      arguments: '',
    };
    const output = this.response?.output ?? [];
    const known = { item, index: output.length };
    output.push(item);
    this.calls.set(at, known);
    return known;
  }
}

const textPart = (): ContentPart => ({ type: 'output_text', text: '', annotations: [], logprobs: [] });

const placeOf = ({ item, index, partIndex }: Speaking) => ({
  item_id: item.id,
  output_index: index,
  content_index: partIndex,
});
