// A server that answers as a Costlane does, for tests of what talks to one.
import { createServer } from 'node:http';

/** Plays a Costlane: three models, of which the economy one errs, and a judge. `behave` may refuse a request. */
export async function startCostlane(behave = () => undefined) {
  const asked = [];
  const describe = (name, tier, price) => ({
    name,
    provider: 'p',
    tier,
    enabled: true,
    prices_usd_per_million_tokens: price === null ? null : { input: price, output: price },
    price_version: 'v',
    capabilities: { tools: true, json_mode: true, json_schema: true },
    quality: price / 100,
  });
  const models = [
    describe('eco', 'economy', 1),
    describe('mid', 'standard', 5),
    describe('pre', 'premium', 20),
    describe('odd', 'standard', null),
  ];
  const reply = (response, status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    if (request.url === '/models') return reply(response, 200, { success: true, data: { models }, error: null });
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', () => {
      const body = JSON.parse(text);
      asked.push({ ...body, headers: request.headers });
      const refused = behave(body, asked.length);
      if (refused) return reply(response, refused.status, { error: { message: refused.message } }, refused.headers);
      const model = body.model === 'auto' ? 'mid' : body.model;
      const isJudge = body.messages[0].content.startsWith('You grade');
      const content = isJudge ? '{"reason": "good", "score": 0.5}' : model === 'eco' ? '0' : '42';
      reply(
        response,
        200,
        {
          choices: [{ message: { content }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 10, completion_tokens: 2 },
        },
        {
          'x-cost-usd': { eco: '0.001', mid: '0.005', pre: '0.02' }[model],
          'x-model-used': model,
          'x-route-decision': 'complexity:standard',
        },
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    close: () => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()),
  };
}
