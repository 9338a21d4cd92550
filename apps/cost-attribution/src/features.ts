import type { CreateFeature } from './feature';

/** All features, one line each. */
export const features: readonly CreateFeature[] = [];
