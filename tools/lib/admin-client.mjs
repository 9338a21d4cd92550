// Calls of the gateway's admin routes for the command line, with errors that say what to do.
import path from 'node:path';
import { dataDirFrom, readJson } from './data-dir.mjs';
import { portsFrom } from './ports.mjs';
import { adminKeyFrom } from './service-env.mjs';

const requestTimeoutMs = 10_000;

/** Where the gateway is: `--url`, COSTLANE_URL, the system that runs from this checkout, else the default port. */
export function gatewayUrl(url, { env, root }) {
  const running = readJson(path.join(dataDirFrom(env, root), 'run.json'));
  const found = url ?? env.COSTLANE_URL ?? running?.urls?.gateway ?? `http://127.0.0.1:${portsFrom(env).http.gateway}`;
  if (!URL.canParse(found)) throw new Error(`"${found}" is not an address; it should look like http://127.0.0.1:8000.`);
  return found.replace(/\/+$/, '');
}

/** What a refusal of an admin route means, as a sentence. */
export function explainRefusal(status, json, base) {
  const said = json?.error?.message ?? json?.error;
  if (status === 401 || status === 403) {
    return `The gateway at ${base} refused the key (${status}${said ? `: ${said}` : ''}). Set COSTLANE_ADMIN_KEY to an administrator's key.`;
  }
  if (status === 404 && !said) return `${base} has no such route: is it a Costlane gateway?`;
  return `The gateway at ${base} answered ${status}${said ? `: ${said}` : '.'}`;
}

/** A route with its query; what is undefined is left out. */
export function withQuery(route, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false);
  return given.length === 0
    ? route
    : `${route}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

const jsonOf = (text) => {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    // Explained by its status, or by what was expected.
    return null;
  }
};

/**
 * Calls an admin route and returns its response, which has succeeded. Throws one sentence on any failure.
 * - `body`: sent as JSON, or as it is with its `contentType`
 * - `timeoutMs`: how long the whole answer may take; default 10 s
 * - `context`: `{ env, root }`
 */
export async function fetchAdmin(
  method,
  route,
  { url, query, body, contentType, timeoutMs = requestTimeoutMs },
  context,
) {
  const base = gatewayUrl(url, context);
  const key = adminKeyFrom(context.env, dataDirFrom(context.env, context.root));
  let response;
  try {
    response = await fetch(`${base}${withQuery(route, query)}`, {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined || contentType !== undefined ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new Error(unreachable(base, error), { cause: error });
  }
  if (response.ok) return response;
  throw new Error(explainRefusal(response.status, jsonOf(await response.text().catch(() => '')), base));
}

function unreachable(base, error) {
  if (error.name === 'TimeoutError')
    return `${base} has given no answer in time. Is Costlane well (npx costlane doctor)?`;
  const why = error.cause?.code ?? error.message;
  return `Nothing answers at ${base} (${why}). Is Costlane running (npm start)? Name another address with --url.`;
}

/** Calls an admin route and returns the data of its envelope; see {@link fetchAdmin}. */
export async function callAdmin(method, route, options, context) {
  const response = await fetchAdmin(method, route, options, context);
  const text = await response.text();
  const json = jsonOf(text);
  if (json === null && text.trim() !== '')
    throw new Error(
      `${gatewayUrl(options.url, context)} answered with something that is no JSON: is it a Costlane gateway?`,
    );
  return json?.data ?? json;
}
