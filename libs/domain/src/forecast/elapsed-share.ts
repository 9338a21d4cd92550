const HOURS = 24;

/**
 * The share of a usual day's payments that has been made by a time of day: from what was paid in each hour of the day over some weeks, drawn
 * towards an even day where that is little. `hour` has a fraction. Gives 0 to 1.
 */
export function elapsedShare(paidByHour: readonly number[], hour: number): number {
  const total = paidByHour.reduce((sum, paid) => sum + paid, 0);
  const shareAt = (index: number): number => {
    const even = 1 / HOURS;
    return total > 0 ? 0.9 * ((paidByHour[index] ?? 0) / total) + 0.1 * even : even;
  };
  const whole = Math.min(Math.floor(hour), HOURS);
  let share = 0;
  for (let index = 0; index < whole; index++) share += shareAt(index);
  return Math.min(share + (whole < HOURS ? shareAt(whole) * (hour - whole) : 0), 1);
}
