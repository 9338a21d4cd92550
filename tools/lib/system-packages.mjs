// The last resort for a missing server: the system's package manager, where this user may use it, and announced before it acts.
import { say, step } from './log.mjs';
import { findOnPath, lastLines, run } from './run.mjs';

const packages = {
  redis: { apt: 'redis-server', brew: 'redis' },
};
const installTimeoutMs = 600_000;

async function aptPrefix() {
  if (findOnPath('apt-get').length === 0) return null;
  if (process.getuid?.() === 0) return [];
  if (findOnPath('sudo').length === 0) return null;
  const { code } = await run('sudo', ['-n', 'true'], { timeoutMs: 5_000 });
  return code === 0 ? ['sudo', '-n'] : null;
}

async function runAll(label, commands) {
  return step(label, async () => {
    for (const [command, ...args] of commands) {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      const { code, output } = await run(command, args, { timeoutMs: installTimeoutMs, env });
      if (code !== 0) {
        say(`  ${[command, ...args].join(' ')} failed with code ${code}:\n${lastLines(output, 4)}`);
        return false;
      }
    }
    return true;
  });
}

/** Installs `what` (`redis`) by apt (as root or where sudo asks nothing) or brew; false when neither may be used or it failed. */
export async function installWithPackageManager(what) {
  const { apt, brew } = packages[what];
  const prefix = await aptPrefix();
  if (prefix) {
    const aptGet = [...prefix, 'apt-get'];
    say(`  Installing the system package ${apt}: ${[...aptGet, 'install', '-y', apt].join(' ')}`);
    return runAll(`Installing ${apt}`, [
      [...aptGet, 'update', '-q'],
      [...aptGet, 'install', '-y', '-q', '--no-install-recommends', apt],
    ]);
  }
  if (findOnPath('brew').length > 0) {
    say(`  Installing with Homebrew: brew install ${brew}`);
    return runAll(`Installing ${brew}`, [['brew', 'install', brew]]);
  }
  return false;
}
