import { createBruteForceIndex } from './brute-force-index';
import { describeVectorIndexContract } from './describe-vector-index-contract';

describeVectorIndexContract('brute force', async ({ identity, nowMs }) => createBruteForceIndex(identity, nowMs));
