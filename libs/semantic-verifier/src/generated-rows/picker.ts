import { CostlaneError } from '@costlane/domain';

/** Random choices of a generator; all of them follow from one seed. */
export interface Picker {
  /** One member. */
  one<T>(list: readonly T[]): T;
  /** `count` members, no two at the same place of the list. Throws a CostlaneError (`internal`) where the list is shorter. */
  some<T>(list: readonly T[], count: number): T[];
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  whole(low: number, high: number): number;
}

export function createPicker(random: () => number): Picker {
  const whole = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return {
    whole,
    chance: (probability) => random() < probability,
    one: <T>(list: readonly T[]) => list[whole(0, list.length - 1)] as T,
    some: <T>(list: readonly T[], count: number) => {
      if (list.length < count) throw new CostlaneError('internal', `${count} of a list of ${list.length}`);
      const places = new Set<number>();
      while (places.size < count) places.add(whole(0, list.length - 1));
      return [...places].map((place) => list[place] as T);
    },
  };
}
