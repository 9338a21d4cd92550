import { z } from 'zod';

const trueWords = ['true', '1', 'yes', 'on'];
const falseWords = ['false', '0', 'no', 'off'];

/** A switch in the environment: true or false, 1 or 0, yes or no, on or off. */
export const booleanSetting = z
  .string()
  .toLowerCase()
  .refine((word) => trueWords.includes(word) || falseWords.includes(word), 'must be true or false')
  .transform((word) => trueWords.includes(word));
