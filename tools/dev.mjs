// `npm run dev`: like `npm start`, and restarts the one service whose sources change.
import { fileURLToPath } from 'node:url';
import { unsupportedReason } from './lib/version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const refusal = unsupportedReason(process.platform, process.version);

async function watch(session) {
  const { seconds, say } = await import('./lib/log.mjs');
  const { waitForReady } = await import('./lib/stack.mjs');
  const { watchBundles } = await import('./lib/watch-bundles.mjs');
  const build = await import('./build.mjs');
  const services = new Map(
    session.processes.filter(({ name }) => name in build.programs).map((one) => [one.name, one]),
  );

  const restart = async (name) => {
    if (session.isClosing) return;
    const startedAt = Date.now();
    const service = services.get(name);
    await service.restart();
    await waitForReady(service, service.spec.port);
    say(`  ${name} was built anew and is ready after ${seconds(Date.now() - startedAt)}`);
  };
  // One after the other per service: a second change while it restarts follows the first.
  const queues = new Map();
  const enqueue = (name) => {
    const next = (queues.get(name) ?? Promise.resolve())
      .then(() => restart(name))
      .catch((error) => say(`  ! ${error.message}`));
    queues.set(name, next);
  };
  return watchBundles({ root, names: [...services.keys()], build, onChange: enqueue });
}

if (refusal) {
  console.error(refusal);
  process.exit(1);
} else {
  process.env.NODE_ENV ??= 'development';
  const { runForeground } = await import('./lib/foreground.mjs');
  await runForeground(root, watch);
}
