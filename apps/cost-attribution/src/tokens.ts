/** What Nest injects, by symbol: bundling leaves no type metadata to inject by. */
export const REDIS = Symbol('redis');
export const LEDGER = Symbol('ledger');
export const INGEST = Symbol('ingest');
export const KEY_RPC = Symbol('key service gRPC implementation');
export const LEDGER_RPC = Symbol('ledger service gRPC implementation');
export const CONTROL_RPC = Symbol('control service gRPC implementation');
export const EXPERIMENT_RPC = Symbol('experiment service gRPC implementation');
