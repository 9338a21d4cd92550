export { generateRows, type GenerateRowsOptions } from './generate-rows';
