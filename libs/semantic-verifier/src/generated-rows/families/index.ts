import type { Family } from '../family';
import { attributeFamilies } from './attributes';
import { campusFamilies } from './campus';
import { codeFamilies } from './code';
import { comparisonFamilies } from './comparisons';
import { facetFamilies } from './facets';
import { forumFamilies } from './forum';
import { logicFamilies } from './logic';
import { orderFamilies } from './order-and-time';
import { relationFamilies } from './relations';
import { valueFamilies } from './values';
import { wordingFamilies } from './wording';

/** All families, in the order in which their rows are drawn. */
export const families: readonly Family[] = [
  ...relationFamilies,
  ...comparisonFamilies,
  ...orderFamilies,
  ...logicFamilies,
  ...valueFamilies,
  ...facetFamilies,
  ...wordingFamilies,
  ...codeFamilies,
  ...attributeFamilies,
  ...forumFamilies,
  ...campusFamilies,
];
