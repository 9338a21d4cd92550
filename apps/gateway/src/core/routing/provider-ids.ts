import { CostlaneError } from '@costlane/domain';

/** As they stand as keys in JSON; inside of a text their quotes would be escaped. */
const marks = ['"file_id":', '"file_ids":', '"vector_store_ids":', '"container":', '"prompt":{', '"prompt": {'].map(
  (mark) => Buffer.from(mark),
);

/**
 * Refuses what names an object that is kept at the provider: files, vector stores, containers, prompt templates. They belong to the operator's
 * account, which all tenants share, so whoever knows an id could read another tenant's.
 * @throws CostlaneError `invalid_request` that names the field.
 */
export function refuseProviderIds(raw: Buffer): void {
  if (!marks.some((mark) => raw.includes(mark))) return;
  const body = asObject(JSON.parse(raw.toString('utf8')));
  if (typeof asObject(body['prompt'])['id'] === 'string') refuse('prompt.id');
  if (typeof body['container'] === 'string') refuse('container');
  for (const [i, tool] of listOf(body['tools']).entries()) {
    if (tool['type'] === 'function') continue;
    if (Array.isArray(tool['vector_store_ids'])) refuse(`tools[${i}].vector_store_ids`);
    const container = tool['container'];
    if (typeof container === 'string' || Array.isArray(asObject(container)['file_ids']))
      refuse(`tools[${i}].container`);
  }
  for (const list of ['messages', 'input']) {
    for (const [i, item] of listOf(body[list]).entries()) {
      for (const [j, part] of listOf(item['content']).entries()) {
        const holders = [part, asObject(part['file']), asObject(part['source'])];
        if (holders.some((holder) => typeof holder['file_id'] === 'string')) refuse(`${list}[${i}].content[${j}]`);
      }
    }
  }
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
