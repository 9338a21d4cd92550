import { ControlPutMode, type PutControlRequest } from '@costlane/contracts';
import { BODY_LIMIT_BYTES, readPut } from './read-control';

const request = (changes: Partial<PutControlRequest> = {}): PutControlRequest => ({
  kind: 'tenant-policy',
  id: 'acme',
  json: '{"dataPolicy":"block"}',
  mode: ControlPutMode.CONTROL_PUT_MODE_MERGE,
  maxLive: 0,
  ...changes,
});

describe('a document to be put', () => {
  it('is read with its way of being put and the limit of its kind', () => {
    expect(readPut(request())).toEqual({
      kind: 'tenant-policy',
      id: 'acme',
      body: { dataPolicy: 'block' },
      mode: 'merge',
      maxLive: 10_000,
    });
    expect(readPut(request({ kind: 'experiment', mode: 1, maxLive: 7 }))).toMatchObject({ mode: 'create', maxLive: 7 });
    expect(readPut(request({ json: '{"a":"\\\\u0000"}' })).body).toEqual({ a: '\\u0000' });
  });

  it.each<[string, Partial<PutControlRequest>]>([
    ['kind', { kind: 'key' }],
    ['id', { id: '' }],
    ['id', { id: 'a\0' }],
    ['id', { id: 'x'.repeat(201) }],
    ['mode', { mode: 9 as ControlPutMode }],
    ['max_live', { maxLive: -1 }],
    ['json', { json: '{' }],
    ['json', { json: '[]' }],
    ['json', { json: 'null' }],
    ['json', { json: '{"a":"\\u0000"}' }],
    ['json', { json: '{"a":"\\\\\\u0000"}' }],
    ['json', { json: JSON.stringify({ a: 'x'.repeat(BODY_LIMIT_BYTES) }) }],
  ])('is refused with the name of the field %s', (field, changes) => {
    expect(() => readPut(request(changes))).toThrow(expect.objectContaining({ code: 'invalid_request', field }));
  });
});
