/** Time, injected so that tests can hold it still. */
export interface Clock {
  /** Now, as ISO 8601 in UTC. */
  now(): string
}

export const systemClock: Clock = { now: () => new Date().toISOString() }
