// A launcher's life in the foreground: open a session, bring everything up, say where it is, and end it all on Ctrl-C.
import path from 'node:path';
import { loadEnv, onStop } from './entry.mjs';
import { openSession } from './infra.mjs';
import { say, seconds, tell } from './log.mjs';
import { usesMock } from './service-env.mjs';
import { startStack } from './stack.mjs';

function farewell(session) {
  const { env, state, dataDir } = session;
  const { gateway, gatewayGrpc } = state.urls;
  const provider = usesMock(env)
    ? 'the built-in MOCK provider: answers are made up. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY or COHERE_API_KEY (environment or .env) for a real one'
    : 'the real ones that your environment configures';
  return [
    '',
    `  Gateway        ${gateway}   (OpenAI clients: base_url ${gateway}/v1)`,
    `  API reference  ${gateway}/docs`,
    `  gRPC           ${gatewayGrpc}`,
    `  Redis          ${state.urls.redis.replace(/\/\/[^@/]*@/, '//…@')}`,
    `  Postgres       ${state.urls.postgres.replace(/\/\/[^@/]*@/, '//…@')}`,
    `  Logs           ${path.join(dataDir, 'logs')}/<service>.log`,
    `  Providers      ${provider}`,
    '',
    '  Try it:',
    `    curl -si ${gateway}/v1/inference -H 'content-type: application/json' \\`,
    `      -d '{"prompt": "What does a cache save?"}'`,
    '',
    '  Ctrl-C stops everything.',
  ].join('\n');
}

/**
 * Runs the whole system of the checkout `root` until a signal. `afterStart(session)` may add to it once it is up (npm run dev) and
 * returns what is to be called before everything stops. Exits the process at the end.
 */
export async function runForeground(root, afterStart = async () => async () => undefined) {
  const startedAt = Date.now();
  let session = null;
  let beforeStop = async () => undefined;
  const end = async (code) => {
    await beforeStop();
    await session?.close();
    process.exit(code);
  };
  onStop(
    (reason, error) => {
      say(`\n  Stopping (${reason}) …`);
      void end(error ? 1 : 0).catch(() => process.exit(1));
    },
    () => session?.killAll(),
  );
  // The supervised processes alone do not keep this one alive between two restarts.
  setInterval(() => undefined, 60_000);
  try {
    say(`Costlane starts from ${path.resolve(root)}`);
    session = await openSession({ env: loadEnv(root), root });
    await startStack(session);
    beforeStop = await afterStart(session);
  } catch (error) {
    // What fails because it is being stopped has nothing to tell.
    if (session?.isClosing) return;
    say(`\nCostlane could not be started: ${error.message}`);
    await end(1);
  }
  say(`\nCostlane is ready after ${seconds(Date.now() - startedAt)}.\n${farewell(session)}`);
  if (session.newAdminKey)
    tell(`\n  Admin key      ${session.newAdminKey}   (made now, shown once; kept in ${session.dataDir})`);
}
