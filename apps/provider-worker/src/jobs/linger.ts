/**
 * A signal that follows another one at once, but for a shutdown, after which what is under way has `graceMs` to end: the answer has been
 * asked for and will be paid. `release` ends the following.
 */
export function linger(signal: AbortSignal, graceMs: number): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const follow = (): void => {
    const abort = (): void => controller.abort(signal.reason);
    if (signal.reason === 'shutdown') timer = setTimeout(abort, graceMs);
    else abort();
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      signal.removeEventListener('abort', follow);
    },
  };
}
