export { CostlaneError, errorTable, isErrorCode, toCostlaneError } from './error-codes';
export type { CostlaneErrorOptions, ErrorCode } from './error-codes';
export { canonicalJson, fingerprint, normaliseText } from './fingerprint';
export type { FingerprintScope } from './fingerprint';
export { err, ok } from './result';
export type { Result } from './result';
