/** What is used of jStat 1.9, which comes without types. */
declare module 'jstat' {
  const jStat: {
    readonly studentt: { inv(probability: number, degreesOfFreedom: number): number };
    readonly normal: { inv(probability: number, mean: number, standardDeviation: number): number };
  };
  export default jStat;
}
