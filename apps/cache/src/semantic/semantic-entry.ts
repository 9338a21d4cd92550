/** A stored question whose answer may serve others. The answer itself lies in the exact tier under `fingerprint`. */
export interface SemanticEntry {
  tenantId: string;
  fingerprint: string;
  text: string;
  contextHash: string;
  /** Model whose answer it is, as routed. */
  model: string;
  tag?: string;
  createdAtMs: number;
  expiresAtMs: number;
  /** What a hit saves. */
  valueNanoUsd: number;
  /** Bytes of the stored answer, where known. */
  sizeBytes: number;
}
