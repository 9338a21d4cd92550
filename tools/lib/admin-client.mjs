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

/** Calls an admin route and returns the data of its envelope. `context` = `{ env, root }`. Throws one sentence on any failure. */
export async function callAdmin(method, route, { url, body }, context) {
  const base = gatewayUrl(url, context);
  const key = adminKeyFrom(context.env, dataDirFrom(context.env, context.root));
  let response;
  try {
    response = await fetch(`${base}${route}`, {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
  } catch (error) {
    const why = error.name === 'TimeoutError' ? 'no answer in time' : (error.cause?.code ?? error.message);
    throw new Error(
      `Nothing answers at ${base} (${why}). Is Costlane running (npm start)? Name another address with --url.`,
    );
  }
  const text = await response.text();
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    // Explained below by its status.
  }
  if (!response.ok) throw new Error(explainRefusal(response.status, json, base));
  return json?.data ?? json;
}
