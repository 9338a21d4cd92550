export {
  inspectChat,
  inspectEmbeddings,
  inspectMessages,
  inspectResponses,
  redactChat,
  redactEmbeddings,
  redactMessages,
  redactResponses,
  type Inspection,
  type Redaction,
} from './chat/inspect-and-redact';
export { detectSensitive } from './detect/detect-sensitive';
export { createRedactor, redact, type Redactor, type RestoreOptions } from './redact/redactor';
export { createRestorer, type Restorer } from './redact/restorer';
export { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from './sensitive-span';
