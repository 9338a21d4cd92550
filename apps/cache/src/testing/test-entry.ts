import type { SemanticEntry } from '../semantic/semantic-entry';

/** A stored question, with what a test wants otherwise. */
export const testEntry = (wanted: Partial<SemanticEntry> = {}): SemanticEntry => ({
  tenantId: 'acme',
  fingerprint: 'f'.repeat(64),
  text: 'Why is the sky blue?',
  contextHash: 'c'.repeat(64),
  model: 'gpt-4o',
  createdAtMs: Date.now(),
  expiresAtMs: Date.now() + 3_600_000,
  valueNanoUsd: 1_000,
  sizeBytes: 500,
  ...wanted,
});
