// Which settings there are: those of the services' own schemas (apps/*/src/config.ts) and the few that are read elsewhere.

/** Read without a schema: by libs/platform in every service. */
export const platformSettings = ['SHUTDOWN_GRACE_MS'];

/** Read by the mock provider. */
export const mockSettings = ['MOCK_LLM_HOST', 'MOCK_LLM_PORT'];

/** Read by the launchers and commands in tools/. */
export const toolSettings = [
  'COSTLANE_API_KEY',
  'COSTLANE_BIN_DIR',
  'COSTLANE_DIST_DIR',
  'COSTLANE_NODE_FLAGS',
  'COSTLANE_ONNX_MODEL',
  'COSTLANE_PORT_BASE',
  'COSTLANE_URL',
  'COST_ATTRIBUTION_URL',
];

/** Read by Node itself, or by convention by whatever writes to a terminal: no settings of ours. */
export const nodeSettings = ['NODE_ENV', 'NODE_OPTIONS', 'NO_COLOR'];

/** Read by Docker Compose. */
export const composeSettings = ['COSTLANE_IMAGE', 'POSTGRES_PASSWORD'];

/** A pattern of names that a schema gathers by itself: the router's switches of single models. */
export const modelSwitch = /^MODELS_[A-Z0-9_]+_ENABLED$/;

/** The fields of a zod schema, also of one that is transformed afterwards: name → field. */
export function fieldsOf(schema) {
  let object = schema;
  while (object.def.type === 'pipe') object = object.def.in;
  return object.shape;
}

/** Settings of a schema that say where another service is: their defaults are right on one machine only. */
export const addressesOf = (schema) => Object.keys(fieldsOf(schema)).filter((name) => /_GRPC_ADDRESS(ES)?$/.test(name));

/** What a field says when nothing is set; undefined for an optional one and for one that must be set. */
export function defaultOf(field) {
  const parsed = field.safeParse(undefined);
  return parsed.success ? parsed.data : undefined;
}

/** Lowest and highest value of a numeric field, where it has them. */
export function boundsOf(field) {
  let inner = field;
  while (['default', 'optional', 'prefault'].includes(inner.def.type)) inner = inner.def.innerType;
  if (inner.def.type !== 'number') return undefined;
  const usual = (value, limit) => (value === null || Math.abs(value) >= limit ? undefined : value);
  return { min: usual(inner.minValue, Number.MAX_SAFE_INTEGER), max: usual(inner.maxValue, Number.MAX_SAFE_INTEGER) };
}
