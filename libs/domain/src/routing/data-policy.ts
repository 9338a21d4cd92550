/** What happens to a request that holds personal data or secrets. */
export const dataPolicies = ['allow', 'secure_model', 'redact', 'block'] as const;
export type DataPolicy = (typeof dataPolicies)[number];
