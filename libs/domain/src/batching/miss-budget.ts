/** A 95th percentile may be missed by a twentieth of the work; what is allowed for leaves something for arrivals that come in bursts. */
const allowedShare = 0.04;
/** So many misses ahead of what is allowed, or behind. */
const mostMisses = 16;

/** How far a lane's work keeps to its target of a 95th percentile: what it may still miss, or what it missed beyond. Begins with neither. */
export class MissBudget {
  private left = 0;

  note(isMissed: boolean): void {
    const left = this.left + allowedShare - (isMissed ? 1 : 0);
    this.left = Math.min(mostMisses, Math.max(-mostMisses, left));
  }

  /** 0 to 1: how much of what may be saved up is there. */
  get spare(): number {
    return Math.max(0, this.left / mostMisses);
  }

  /** 0 to 1: how much was missed beyond what is allowed. */
  get debt(): number {
    return Math.max(0, -this.left / mostMisses);
  }
}
