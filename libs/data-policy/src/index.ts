export { detectSensitive } from './detect/detect-sensitive';
export { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from './sensitive-span';
