export interface PostOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Posts a body (a text is sent as it is) to a path of the mock; for specs. */
export function postJson(url: string, path: string, body: unknown, options: PostOptions = {}): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: options.signal,
  });
}

export const chatPath = '/v1/chat/completions';

/** A chat request with one user message and whatever else is given. */
export function chatBody(content: unknown, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...fields };
}
