import { inspectChat, inspectResponses, redactChat, redactResponses } from '@costlane/data-policy';
import { createDataGuard, type BodyInspector } from './data-guard';

const chat: BodyInspector = { inspect: inspectChat, redact: redactChat };
const responses: BodyInspector = { inspect: inspectResponses, redact: redactResponses };
const bytes = (body: object | string): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const subject = () => createDataGuard({ policy: () => undefined });

describe('createDataGuard', () => {
  it('looks through the same bytes anew when they come in another dialect', () => {
    const guard = subject();
    const raw = bytes({ messages: [{ role: 'user', content: 'hi' }], input: 'write to ada@example.com' });
    expect(guard.check('t', 'hash', raw, chat)).toBeUndefined();
    expect(guard.check('t', 'hash', raw, responses)).toMatchObject({ kinds: ['email'] });
    expect(guard.check('t', 'hash', raw, chat)).toBeUndefined();
  });

  it.each([
    ['a space before the colon', '{"input":[{"content":[{"type":"input_file","file_id" : "file-1"}]}]}'],
    ['an escape in the name', '{"input":[{"content":[{"type":"input_file","file\\u005fid":"file-1"}]}]}'],
    ['a line break', '{"prompt"\n:\n{"id":"pmpt_1"}}'],
  ])('refuses ids of what the provider keeps however they are written: %s', (_how, raw) => {
    expect(() => subject().check('t', 'hash', bytes(raw), responses)).toThrow(/kept at the provider/);
  });
});
