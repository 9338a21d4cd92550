import { CostlaneError } from '@costlane/domain';

/**
 * Refuses what names an object that is kept at the provider: files, vector stores, containers, prompt templates. They belong to the operator's
 * account, which all tenants share, so whoever knows an id could read another tenant's. Looks at the parsed body: the same name can be
 * written in many ways.
 * @throws CostlaneError `invalid_request` that names the field.
 */
export function refuseProviderIds(request: object): void {
  const body = asObject(request);
  if (typeof asObject(body['prompt'])['id'] === 'string') refuse('prompt.id');
  if (namesContainer(body['container'])) refuse('container');
  for (const [i, tool] of listOf(body['tools']).entries()) {
    if (tool['type'] === 'function') continue;
    if (Array.isArray(tool['vector_store_ids'])) refuse(`tools[${i}].vector_store_ids`);
    if (namesContainer(tool['container'])) refuse(`tools[${i}].container`);
    if (hasFileId(tool['input_image_mask'])) refuse(`tools[${i}].input_image_mask`);
  }
  for (const list of ['messages', 'input']) {
    for (const [i, item] of listOf(body[list]).entries()) {
      if (typeof asObject(item['audio'])['id'] === 'string') refuse(`${list}[${i}].audio`);
      refuseInParts(item['content'], `${list}[${i}].content`);
      refuseInParts(item['output'], `${list}[${i}].output`);
    }
  }
}

/** Parts lie within parts: in results of tools, and in documents. Results of the provider's own tools, which it gave itself, name their files. */
function refuseInParts(parts: unknown, at: string): void {
  if (hasFileId(parts)) refuse(at);
  for (const [i, part] of listOf(parts).entries()) {
    const { type, content, file, source } = part;
    if (typeof type === 'string' && type.endsWith('_tool_result')) continue;
    if ([part, file, source].some(hasFileId)) refuse(`${at}[${i}]`);
    refuseInParts(content, `${at}[${i}].content`);
    refuseInParts(asObject(source)['content'], `${at}[${i}].content`);
  }
}

const hasFileId = (value: unknown): boolean => typeof asObject(value)['file_id'] === 'string';

/** A container by its id, or one that is to be filled with files by theirs. */
function namesContainer(container: unknown): boolean {
  if (typeof container === 'string') return true;
  const { id, file_ids: files } = asObject(container);
  return typeof id === 'string' || Array.isArray(files);
}

function refuse(field: string): never {
  throw new CostlaneError(
    'invalid_request',
    `Field "${field}": names something kept at the provider, where it belongs to all tenants of this deployment. ` +
      'Send the content itself, or have the operator set ALLOW_PROVIDER_IDS=true where that is no matter.',
    { field },
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(asObject) : []);
