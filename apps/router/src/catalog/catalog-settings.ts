import { z } from 'zod';

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Prices decide what is charged: they come by an encrypted way, or from this very machine. */
export function isAllowedListUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && loopbackHosts.has(hostname));
}

/** Settings of the refresh of prices. */
export const catalogSettingsShape = {
  COSTLANE_DATA_DIR: z.string().default('.costlane'),
  PRICE_LIST_URL: z
    .string()
    .trim()
    .refine((url) => url === '' || isAllowedListUrl(url), {
      error: 'must be an https:// URL, or http:// on this machine, without a user name',
    })
    .default(''),
  PRICE_REFRESH_INTERVAL_HOURS: z.coerce.number().min(1).max(720).default(24),
};
