/** What Nest injects, by symbol: bundling leaves no type metadata to inject by. */
export const PRICE_CATALOG = Symbol('price catalog');
export const MODEL_DISCOVERIES = Symbol('model discoveries');
export const POLICY_SERVICE = Symbol('policy service');
export const POLICY_SUBSCRIBERS = Symbol('policy subscribers');
export const ROUTER_RPC = Symbol('router gRPC implementation');
export const PRICE_REFRESH = Symbol('price refresh');
export const CONTROL = Symbol('control documents');
