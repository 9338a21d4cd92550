import { successEnvelope } from '@costlane/platform';

/**
 * What operators look at, in the envelope like every answer of ours, and with the same fields at the top level, where
 * `curl … | jq .caching.semantic_enabled` looks for them.
 */
export const statusDocument = <T extends object>(fields: T) => ({ ...fields, ...successEnvelope(fields) });
