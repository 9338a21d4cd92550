/** How probable it is that only the stronger model of a pair answers a prompt rightly. */
export interface RoutingPredictor {
  /** Names the weights: predictions of different ids must not be compared. */
  readonly id: string;
  /** 0-1: probability that the cheap model fails where the strong one succeeds. Reads 8,000 characters, some tens of µs; never throws. */
  predict(text: string): number;
}
