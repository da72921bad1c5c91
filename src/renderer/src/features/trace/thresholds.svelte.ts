import { BEHAVIOURS } from '#shared/domain/behaviours.ts'

const KEY = 'cairn.thresholds'

/** Thresholds of a person's own choice, for all traces on this device; null follows each model's. */
class Thresholds {
  custom = $state.raw<readonly number[] | null>(read())

  set(custom: readonly number[] | null): void {
    this.custom = custom
    if (custom === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, JSON.stringify(custom))
  }
}

function read(): readonly number[] | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    const valid = Array.isArray(stored) && stored.length === BEHAVIOURS.length
    return valid && stored.every((value) => typeof value === 'number') ? stored : null
  } catch {
    return null
  }
}

export const thresholds = new Thresholds()
