import { seeded } from '#shared/domain/random.ts'

export { seeded }
export type Random = ReturnType<typeof seeded>

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

/** Log-normal, by its median and the standard deviation of its logarithm (Box–Muller). */
export function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(sigma * normal)
}
