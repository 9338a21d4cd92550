import { randomUUID } from 'node:crypto';

/** Processes that hold items, by name. */
export interface OwnerWatch {
  /** Of this one. No other process, and no earlier one, may be called so. */
  name: string;
  /** Which of these are dead for certain, and when to ask again where that is not certain of some. */
  gone(names: readonly string[]): Promise<{ gone: readonly string[]; againInMs?: number }>;
}

/** A name for what one turn holds, which tells the process: `<name>/<uuid>`. */
export const newOwner = (watch: OwnerWatch | undefined): string =>
  watch === undefined ? randomUUID() : `${watch.name}/${randomUUID()}`;

/** Undefined: it does not tell. */
export const processOf = (owner: string): string | undefined => /^(.+)\/[^/]+$/.exec(owner)?.[1];
