/** What a body says that decides whether it can go on as it is. */
export interface NativeFacts {
  /** As written in the body; undefined when absent. */
  model: string | undefined;
  /** As written; undefined when absent. */
  store: boolean | null | undefined;
}

const OPEN_BRACE = 0x7b;

/**
 * The body for a provider that speaks the dialect: the client's bytes, but for `model` and `store`, which is always false. What the
 * provider stored, any tenant whose requests go out under the same key could read. What has to be added is put in front; only
 * a value that must be replaced makes a body be written anew.
 */
export function nativeBody(raw: Buffer, facts: NativeFacts, upstreamModel: string): Buffer {
  const needsModel = facts.model !== upstreamModel;
  const needsStore = facts.store !== false;
  if (!needsModel && !needsStore) return raw;
  if ((needsModel && facts.model !== undefined) || (needsStore && facts.store !== undefined)) {
    const body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
    return Buffer.from(JSON.stringify({ ...body, model: upstreamModel, store: false }));
  }
  const added = [
    ...(needsModel ? [`"model":${JSON.stringify(upstreamModel)},`] : []),
    ...(needsStore ? ['"store":false,'] : []),
  ];
  const start = raw.indexOf(OPEN_BRACE) + 1;
  return Buffer.concat([raw.subarray(0, start), Buffer.from(added.join('')), raw.subarray(start)]);
}
