// Version strings: comparing them and finding them in what `--version` prints.

/** The first dotted number in a text as a list of integers (`Redis server v=7.0.15 …` → [7, 0, 15]), or null. */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : null;
}

/** Whether version `actual` (a list of integers) is at least `wanted`; a missing part counts as 0. */
export function isAtLeast(actual, wanted) {
  const length = Math.max(actual.length, wanted.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (actual[index] ?? 0) - (wanted[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The sentence that refuses an unsupported platform or Node version, or null when both are supported. */
export function unsupportedReason(platform, nodeVersion) {
  if (platform === 'win32') {
    return 'Windows is out of scope: run Costlane under Linux, macOS or WSL 2.';
  }
  const version = parseVersion(nodeVersion);
  if (version && !isAtLeast(version, [20, 19, 0])) {
    return `Costlane needs Node 20.19 or newer; this is ${nodeVersion}. Install the current LTS from https://nodejs.org.`;
  }
  return null;
}
