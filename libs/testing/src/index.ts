export { startMockLlm, type MockLlm, type MockLlmOptions } from './mock-llm/create-mock-llm';
export type { Behaviour } from './mock-llm/behaviour';
export { hashBody } from './mock-llm/hash-text';
export type { Abort, MockState, Stats } from './mock-llm/mock-state';
export { embedText } from './mock-llm/embedding';
export { freePort } from './free-port';
export { readSse, type SseEvent } from './read-sse';
export { databaseUrlForTests, redisUrlForTests } from './service-urls';
export { waitFor, type WaitOptions } from './wait-for';
