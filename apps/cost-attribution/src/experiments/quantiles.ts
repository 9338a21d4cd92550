import jstat from 'jstat';
import type { NormalQuantile, StudentQuantile } from '@costlane/domain';

const { studentt, normal: normalDistribution } = jstat;

/** Quantile of Student's t; degrees of freedom need not be whole. */
export const student: StudentQuantile = (probability, degreesOfFreedom) => studentt.inv(probability, degreesOfFreedom);

export const normal: NormalQuantile = (probability) => normalDistribution.inv(probability, 0, 1);
