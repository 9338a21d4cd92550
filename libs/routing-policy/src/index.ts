export { createPolicyClient, type PolicyClient, type PolicyClientOptions } from './policy-client';
export { decodePolicyUpdate, encodePolicyUpdate, type DecodedPolicyUpdate } from './policy-codec';
