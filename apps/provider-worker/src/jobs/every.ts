export interface Repeated {
  /** Does it now, or once more when it is just being done. */
  soon(): void;
  /** No more of it; resolves when what is being done is over. */
  stop(): Promise<void>;
}

/** Does something at once and then every so often, never twice at a time. What it throws goes to `onError`. */
export function every(intervalMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void): Repeated {
  let running: Promise<void> | undefined;
  let isWanted = false;
  let isStopped = false;
  const run = async (): Promise<void> => {
    do {
      isWanted = false;
      await work().catch(onError);
    } while (isWanted && !isStopped);
  };
  const soon = (): void => {
    if (isStopped) return;
    isWanted = running !== undefined;
    running ??= run().finally(() => (running = undefined));
  };
  const timer = setInterval(soon, intervalMs);
  soon();
  return {
    soon,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
