export { CircuitBreaker } from './circuit-breaker';
export type { Admission, CallVerdict, CircuitBreakerOptions, CircuitState } from './circuit-breaker';
export { DeadlineSweep } from './deadline-sweep';
export type { Deadlined } from './deadline-sweep';
export { jitteredDelayMs } from './jittered-delay';
export { RetryBudget } from './retry-budget';
export type { RetryBudgetOptions } from './retry-budget';
export { TokenBucket } from './token-bucket';
