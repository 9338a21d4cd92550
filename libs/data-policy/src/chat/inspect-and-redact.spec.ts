import { exampleKeys } from '../corpus/example-keys';
import {
  inspectChat,
  inspectEmbeddings,
  inspectMessages,
  inspectResponses,
  redactChat,
  redactEmbeddings,
  redactMessages,
  redactResponses,
} from './inspect-and-redact';

const email = 'jane@example.com';
const card = '4111 1111 1111 1111';

describe('an OpenAI chat body', () => {
  const body = {
    model: 'gpt-4o-mini',
    user: email,
    tools: [{ type: 'function', function: { name: 'send', description: `Sends mail, e.g. to ${email}` } }],
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        name: 'joe@example.com',
        content: [
          { type: 'text', text: `My card is ${card}` },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${email}` } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'send', arguments: `{"to": "${email}", "ssn": 457555462}` },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"phone":"2025550109","ok":true}' },
    ],
  };

  it('is replaced where its texts are, and nowhere else', () => {
    const before = structuredClone(body);
    const { body: redacted, kinds } = redactChat(body);
    expect(body).toEqual(before);
    expect(kinds).toEqual(['card', 'ssn', 'email', 'phone']);
    expect(redacted).toEqual({
      ...body,
      user: '[EMAIL_2]',
      messages: [
        body.messages[0],
        {
          ...body.messages[1],
          name: '[EMAIL_1]',
          content: [{ type: 'text', text: 'My card is [CARD_1]' }, (body.messages[1]?.content as unknown[])[1]],
        },
        {
          ...body.messages[2],
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'send', arguments: '{"to":"[EMAIL_2]","ssn":"[SSN_1]"}' },
            },
          ],
        },
        { ...body.messages[3], content: '{"phone":"[PHONE_1]","ok":true}' },
      ],
    });
  });

  it('is the same object where nothing is found', () => {
    const clean = { model: 'm', messages: [{ role: 'user', content: 'What is 6 times 7?' }] };
    const { body: redacted, kinds, redactor } = redactChat(clean);
    expect(redacted).toBe(clean);
    expect(kinds).toEqual([]);
    expect(redactor.size).toBe(0);
  });

  it('is the same object where only placeholders are found that the client wrote', () => {
    const clean = { messages: [{ role: 'user', content: 'Fill [EMAIL_5] in.' }] };
    const { body: redacted, redactor } = redactChat(clean);
    expect(redacted).toBe(clean);
    expect(redactor.restore('[EMAIL_5] and [EMAIL_1]')).toBe('[EMAIL_5] and [EMAIL_1]');
  });

  it('shares the numbers of a redactor that it is given', () => {
    const { redactor } = redactChat({ messages: [{ content: email }] });
    const { body: second } = redactChat({ messages: [{ content: `joe@example.com and ${email}` }] }, redactor);
    expect(second.messages[0]?.content).toBe('[EMAIL_2] and [EMAIL_1]');
  });

  it('is inspected without a value in the result', () => {
    expect(inspectChat(body)).toEqual({ kinds: ['card', 'ssn', 'email', 'phone'] });
  });

  it('keeps arguments that are no JSON, and finds what is in them', () => {
    const broken = {
      messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: `{"to": "${email}` } }] }],
    };
    expect(redactChat(broken).body.messages[0]?.tool_calls[0]?.function.arguments).toBe('{"to": "[EMAIL_1]');
  });

  it.each([
    {},
    { messages: 'x' },
    { messages: [null, 7, 'x', { content: 7 }, { content: [null, 7] }] },
    { prompt: [[1, 2]] },
  ])('of a wrong shape is left as it is: %j', (wrong) => {
    expect(redactChat(wrong).body).toBe(wrong);
  });

  it('has the prompts of text completions looked at', () => {
    expect(redactChat({ prompt: [`To ${email}`, 'x'] }).body).toEqual({ prompt: ['To [EMAIL_1]', 'x'] });
  });

  it('has the names of arguments read as what they say', () => {
    const call = (args: object) => ({
      messages: [{ tool_calls: [{ function: { arguments: JSON.stringify(args) } }] }],
    });
    expect(inspectChat(call({ social_security_number: '457555462' })).kinds).toEqual(['ssn']);
    expect(inspectChat(call({ quantity: '457555462' })).kinds).toEqual([]);
    expect(inspectChat(call({ db: { password: 'hunter22' } })).kinds).toEqual(['secret']);
  });
});

describe('an Anthropic messages body', () => {
  it('is replaced in system, texts, inputs and results of tools, documents and user id', () => {
    const thinking = { type: 'thinking', thinking: `to ${email}`, signature: 'x' };
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    const body = {
      model: 'claude',
      system: [{ type: 'text', text: `You serve ${email}`, cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: email },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: `card ${card}` },
            image,
            { type: 'document', title: email, source: { type: 'text', media_type: 'text/plain', data: card } },
          ],
        },
        {
          role: 'assistant',
          content: [thinking, { type: 'tool_use', id: 't', name: 'f', input: { a: [{ to: email, n: 3 }] } }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: email }, image] },
            { type: 'tool_result', tool_use_id: 'u', content: `mail ${email}` },
          ],
        },
        { role: 'user', content: `key ${exampleKeys.anthropic}` },
      ],
    };
    const { body: redacted, kinds } = redactMessages(body);
    expect(kinds).toEqual(['secret', 'card', 'email']);
    expect(inspectMessages(body).kinds).toEqual(kinds);
    expect(redacted).toEqual({
      model: 'claude',
      system: [{ type: 'text', text: 'You serve [EMAIL_1]', cache_control: { type: 'ephemeral' } }],
      metadata: { user_id: '[EMAIL_1]' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'card [CARD_1]' },
            image,
            {
              type: 'document',
              title: '[EMAIL_1]',
              source: { type: 'text', media_type: 'text/plain', data: '[CARD_1]' },
            },
          ],
        },
        {
          role: 'assistant',
          content: [thinking, { type: 'tool_use', id: 't', name: 'f', input: { a: [{ to: '[EMAIL_1]', n: 3 }] } }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: '[EMAIL_1]' }, image] },
            { type: 'tool_result', tool_use_id: 'u', content: 'mail [EMAIL_1]' },
          ],
        },
        { role: 'user', content: 'key [SECRET_1]' },
      ],
    });
  });
});

describe('an OpenAI responses body', () => {
  it('is replaced in instructions, messages, calls and their output', () => {
    const reasoning = { type: 'reasoning', summary: [{ type: 'summary_text', text: email }], encrypted_content: 'x' };
    const body = {
      model: 'm',
      instructions: `You serve ${email}`,
      prompt: { id: 'p', variables: { to: email, size: 3 } },
      input: [
        { role: 'user', content: `card ${card}` },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: email },
            { type: 'input_image', image_url: 'x' },
          ],
        },
        reasoning,
        { type: 'function_call', call_id: 'c', name: 'f', arguments: JSON.stringify({ to: email }) },
        { type: 'function_call_output', call_id: 'c', output: `sent to ${email}` },
      ],
    };
    expect(redactResponses(body).body).toEqual({
      model: 'm',
      instructions: 'You serve [EMAIL_1]',
      prompt: { id: 'p', variables: { to: '[EMAIL_1]', size: 3 } },
      input: [
        { role: 'user', content: 'card [CARD_1]' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: '[EMAIL_1]' },
            { type: 'input_image', image_url: 'x' },
          ],
        },
        reasoning,
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"to":"[EMAIL_1]"}' },
        { type: 'function_call_output', call_id: 'c', output: 'sent to [EMAIL_1]' },
      ],
    });
    expect(inspectResponses({ input: `to ${email}` }).kinds).toEqual(['email']);
  });
});

describe('an embeddings body', () => {
  it('is replaced in its texts, and lists of tokens are left alone', () => {
    expect(redactEmbeddings({ model: 'm', input: [`to ${email}`, 'x'] }).body).toEqual({
      model: 'm',
      input: ['to [EMAIL_1]', 'x'],
    });
    expect(inspectEmbeddings({ input: email }).kinds).toEqual(['email']);
    const tokens = { input: [[4111, 1111], [1]] };
    expect(redactEmbeddings(tokens).body).toBe(tokens);
  });
});
