export interface WaitOptions {
  timeoutMs?: number;
  intervalMs?: number;
}

/**
 * Waits until a condition holds and returns its (truthy) value. A condition that throws counts as not yet holding.
 * @throws after `timeoutMs`, with the last value or error of the condition in the message.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, options: WaitOptions = {}): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000, intervalMs = 10 } = options;
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    let last: string;
    try {
      const value = await condition();
      if (value) return value;
      last = `last value: ${String(value)}`;
    } catch (error) {
      last = `last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= deadlineMs) throw new Error(`the condition did not hold within ${timeoutMs} ms (${last})`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
