import { loadSources } from '../lib/load-sources.mjs';

const entry = `export * from './libs/domain/src/index';`;

/** The domain library as it stands in the sources. */
export const loadDomain = () => loadSources({ contents: entry });
