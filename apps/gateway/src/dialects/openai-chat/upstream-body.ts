/** What a request's raw body says that decides whether it can go on as it is. */
export interface BodyFacts {
  /** As written in the body; undefined when absent. */
  model: string | undefined;
  stream: boolean;
  hasStreamOptions: boolean;
  includeUsage: boolean;
}

const OPEN_BRACE = 0x7b;

/**
 * The provider's body: the client's bytes untouched wherever possible, so that unknown fields, number formats and key order survive.
 * Streams always ask for usage, since without it nobody could say what they cost. What has to be added is put in front; only a value
 * that must be replaced makes a body be written anew.
 */
export function upstreamBody(raw: Buffer, facts: BodyFacts, upstreamModel: string): Buffer {
  const needsModel = facts.model !== upstreamModel;
  const needsUsage = facts.stream && !facts.includeUsage;
  if (!needsModel && !needsUsage) return raw;
  if ((needsModel && facts.model !== undefined) || (needsUsage && facts.hasStreamOptions)) {
    return rewrite(raw, upstreamModel, needsUsage);
  }
  const added: string[] = [];
  if (needsModel) added.push(`"model":${JSON.stringify(upstreamModel)},`);
  if (needsUsage) added.push('"stream_options":{"include_usage":true},');
  const start = raw.indexOf(OPEN_BRACE) + 1;
  return Buffer.concat([raw.subarray(0, start), Buffer.from(added.join('')), raw.subarray(start)]);
}

function rewrite(raw: Buffer, upstreamModel: string, needsUsage: boolean): Buffer {
  const body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
  body['model'] = upstreamModel;
  if (needsUsage) body['stream_options'] = { ...(body['stream_options'] as object | null), include_usage: true };
  return Buffer.from(JSON.stringify(body));
}
