import { describeVectorIndexContract } from '../testing/describe-vector-index-contract';
import { createEmbeddedIndex } from './create-embedded-index';

describeVectorIndexContract('embedded', async (options) => createEmbeddedIndex(options));
describeVectorIndexContract('embedded, always sketched', async (options) =>
  createEmbeddedIndex({ ...options, maxPlainRecords: 8, maxPartRecords: 64 }),
);
