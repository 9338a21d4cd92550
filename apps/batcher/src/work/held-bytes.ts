/** Memory that waiting work may take. A tenant may have as much as is still free, so that one alone takes half. */
export class HeldBytes {
  private held = 0;
  private readonly byTenant = new Map<string, number>();

  constructor(private readonly maxBytes: number) {}

  get total(): number {
    return this.held;
  }

  /** False where there is no room for it. */
  take(tenantId: string, sizeBytes: number): boolean {
    const own = this.byTenant.get(tenantId) ?? 0;
    if (own + sizeBytes > this.maxBytes - this.held - sizeBytes) return false;
    this.held += sizeBytes;
    this.byTenant.set(tenantId, own + sizeBytes);
    return true;
  }

  give(tenantId: string, sizeBytes: number): void {
    this.held -= sizeBytes;
    const left = (this.byTenant.get(tenantId) ?? 0) - sizeBytes;
    if (left > 0) this.byTenant.set(tenantId, left);
    else this.byTenant.delete(tenantId);
  }
}
