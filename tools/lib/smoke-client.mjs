// The HTTP side of the smoke test: one request with its deadline and key, and what checks say when something is not as it should be.

const requestTimeoutMs = 15_000;

/** What a check throws: one sentence. */
export class CheckFailed extends Error {}

/** Fails the check with `sentence` unless `condition` holds. */
export function expect(condition, sentence) {
  if (!condition) throw new CheckFailed(sentence);
}

/** Fails unless `value` is a text that is not empty. */
export function expectText(value, name) {
  expect(typeof value === 'string' && value.length > 0, `${name} is missing or empty`);
}

/** The beginning of a text, for messages. */
export function excerpt(text) {
  const line = String(text).replaceAll(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

/** A client for the system at `baseUrl`; `key` is sent as a bearer token where there is one. */
export function smokeClient(baseUrl, key) {
  const base = baseUrl.replace(/\/+$/, '');
  const authorization = key ? { authorization: `Bearer ${key}` } : {};

  /** Sends a request; a body that is not a string is sent as JSON. Resolves with `{ status, headers, text, json }`. */
  async function request(method, path, body) {
    const isJson = body !== undefined && typeof body !== 'string';
    let response;
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: isJson ? JSON.stringify(body) : body,
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
    } catch (error) {
      throw new CheckFailed(`${method} ${path}: ${error.cause?.code ?? error.cause?.message ?? error.message}`);
    }
    const text = await response.text();
    let json = null;
    try {
      json = JSON.parse(text);
    } catch {
      // Not every answer is JSON; the check that wants it says so.
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  return {
    base,
    headers: authorization,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
  };
}

/** Fails unless the answer has this status. */
export function expectStatus(answer, status) {
  expect(answer.status === status, `status ${answer.status} instead of ${status}: ${excerpt(answer.text)}`);
}

/** Fails unless the answer is the envelope `{ success, data, error }` with all three; returns its data. */
export function expectEnvelope(answer, isSuccess) {
  const { json } = answer;
  const isWhole = json !== null && ['success', 'data', 'error'].every((key) => key in json);
  expect(isWhole, `no envelope {success, data, error}: ${excerpt(answer.text)}`);
  expect(json.success === isSuccess, `success is ${json.success}: ${excerpt(answer.text)}`);
  if (!isSuccess) {
    expect(
      json.data === null && typeof json.error === 'string' && json.error,
      'a refusal has data null and a sentence in error',
    );
    expect(answer.headers.get('x-error-code'), 'the X-Error-Code header is missing');
  }
  return json.data;
}

/** The body of an answer, taken out of its envelope where it has one. */
export function bodyOf(answer) {
  expect(answer.json !== null, `the answer is not JSON: ${excerpt(answer.text)}`);
  return answer.json.success === true && 'data' in answer.json ? answer.json.data : answer.json;
}

/** The data of every event of a server-sent stream, in order. */
export function eventsOf(text) {
  return text
    .split(/\r?\n\r?\n/)
    .flatMap((event) => event.split(/\r?\n/).filter((line) => line.startsWith('data:')))
    .map((line) => line.slice(5).trim());
}

/** Every path of a JSON value below which something looks like a secret: a key's value, or a password in an address. */
export function findSecrets(value, path = '') {
  if (typeof value === 'string') {
    const isKey = /(^|[^a-z])(sk|pk|rk)-[A-Za-z0-9_-]{8,}/.test(value);
    const hasPassword = /:\/\/[^/@\s:]*:(?!\**@)[^/@\s]+@/.test(value);
    const isNamedSecret =
      /(password|secret|api_?key|admin_?key|token)$/i.test(path) &&
      value.length > 0 &&
      !/^[*•.…x<>a-z ]*$/i.test(value);
    return isKey || hasPassword || isNamedSecret ? [path] : [];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => findSecrets(inner, path ? `${path}.${key}` : key));
}
