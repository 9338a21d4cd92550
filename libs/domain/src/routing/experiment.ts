import type { RoutingStrategy } from './routing-settings';

/** One way of answering that an experiment compares with others. */
export interface ExperimentVariant {
  readonly name: string;
  /** Share of the traffic, in proportion to the others'. */
  readonly weight: number;
  /** Asked instead of the one that the request names. */
  readonly model?: string;
  readonly strategy?: RoutingStrategy;
  /** Put before the conversation as a system prompt. */
  readonly systemPrompt?: string;
}

/** Traffic split among variants by a hash of the user, so that a user always meets the same one. */
export interface Experiment {
  readonly id: string;
  /** The only tenant it concerns; absent: all. */
  readonly tenantId?: string;
  /** Only requests of this feature; absent: all. */
  readonly featureName?: string;
  /** Only requests that name this model; absent: those that leave the choice (`auto`), so that a named model is honoured. */
  readonly modelAsked?: string;
  /** The first is what the others are compared with. */
  readonly variants: readonly ExperimentVariant[];
  /** Share of the users that take part, 0-1. */
  readonly share: number;
}
