// A running Costlane as the thing that is asked, over its OpenAI door.
import { setTimeout as pause } from 'node:timers/promises';

const requestTimeoutMs = 180_000;
const attempts = 3;
const nanoUsdPerUsd = 1e9;

/** What makes going on pointless: wrong address, wrong key, unknown model. */
export class EvalStopped extends Error {}

/** A request that failed for good; the evaluation goes on and counts it. */
export class AnswerFailed extends Error {}

const excerpt = (text) => {
  const line = String(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A client of the system at `baseUrl`; `key` goes along as a bearer token. */
export function createLiveClient(baseUrl, key) {
  const base = baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  const identity = key ? { authorization: `Bearer ${key}` } : {};

  async function send(path, body, headers = {}) {
    try {
      const response = await fetch(`${base}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...identity, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parsed(text) };
    } catch (error) {
      if (error.name === 'TimeoutError') return { status: 0, text: `no answer within ${requestTimeoutMs / 1_000} s` };
      throw new EvalStopped(
        `${base}${path} cannot be reached: ${error.cause?.code ?? error.cause?.message ?? error.message}`,
      );
    }
  }

  function refuse({ status, text, json }, model) {
    const said = excerpt(json?.error?.message ?? json?.error ?? text);
    if (status === 401 || status === 403)
      throw new EvalStopped(`${base} refuses the key (${status}): ${said}. Give one with --key.`);
    if (status === 404) throw new EvalStopped(`${base} does not serve the model "${model}": ${said}`);
    throw new AnswerFailed(`status ${status}: ${said}`);
  }

  return {
    base,
    /** Models as `GET /models` describes them. */
    async models() {
      const answer = await send('/models');
      if (answer.status !== 200) refuse(answer, '');
      const models = answer.json?.data?.models ?? answer.json?.models;
      if (!Array.isArray(models)) throw new EvalStopped(`${base}/models is not a list of models: is this a Costlane?`);
      return models;
    },
    /** A chat completion with its status, headers and JSON; asks again where that may help. */
    async chat(body, headers) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await send('/v1/chat/completions', body, { 'x-costlane-use-cache': 'false', ...headers });
        if (answer.status === 200 && answer.json) return answer;
        const mayPass = answer.status === 0 || answer.status === 429 || answer.status >= 500;
        if (!mayPass || attempt === attempts) refuse(answer, body.model);
        const wishedMs = Number(answer.headers?.get('retry-after') ?? 0) * 1_000;
        await pause(Math.min(30_000, Math.max(wishedMs, 500 * 2 ** attempt)));
      }
    },
  };
}

/** Cost of an answer in nano-dollars, from its header. Throws where the model has no known price: nothing could be compared. */
function costOf(answer, model) {
  const usd = answer.headers.get('x-cost-usd');
  const value = usd === null ? NaN : Number(usd);
  if (Number.isFinite(value)) return Math.round(value * nanoUsdPerUsd);
  throw new EvalStopped(
    usd === null
      ? `the answer of "${model}" has no X-Cost-Usd header: is this a Costlane?`
      : `the price of "${model}" is not known there, so that its cost cannot be compared`,
  );
}

/** Asks the models of a running Costlane; same shape of answers as a simulation's. */
export const createLive = (client) => ({
  async ask(prompt, model, _round, headers = {}) {
    const startedAt = performance.now();
    const answer = await client.chat({ ...prompt.body, model: model.name, messages: prompt.messages }, headers);
    const [choice] = answer.json.choices ?? [];
    return {
      text: choice?.message?.content ?? choice?.message?.refusal ?? '',
      finishReason: choice?.finish_reason ?? 'stop',
      promptTokens: answer.json.usage?.prompt_tokens ?? 0,
      outputTokens: answer.json.usage?.completion_tokens ?? 0,
      costNanoUsd: costOf(answer, model.name),
      latencyMs: Math.round(performance.now() - startedAt),
      modelUsed: answer.headers.get('x-model-used') ?? model.name,
      decision: answer.headers.get('x-route-decision') ?? '',
    };
  },
});
