import { BEHAVIOUR_STYLE, BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { behavioursOf, shownAnywhere } from './evidence.ts'
import type { Filter } from './filter-schema.ts'
import type { Subject } from './subject.ts'

/** Less than this of what reached a filter has to pass for it to be explained. */
const FEW = 0.01

/** Tells why a filter of behaviours lets (nearly) nothing pass: what shows in the traces that reach it. */
export interface Why {
  add(subject: Subject): void
  /** Null where enough pass. */
  text(kept: number): string | null
}

/** What explains a filter; null for those that explain themselves. */
export function explain(filter: Filter): Why | null {
  const wanted = wantedBy(filter)
  if (wanted === null) return null
  const sets = new Map<number, number>()
  let [reached, unknown] = [0, 0]
  return {
    add(subject) {
      reached++
      const { from, steps } = subject.evidence()
      if (from.includes('nothing')) unknown++
      else {
        const bits = shownAnywhere(steps)
        sets.set(bits, (sets.get(bits) ?? 0) + 1)
      }
    },
    text(kept) {
      if (reached === 0 || kept >= reached * FEW) return null
      if (unknown === reached) return 'Nothing is known of their behaviours: classify them first.'
      const shown = BEHAVIOURS.map((name, at) => {
        const count = [...sets].reduce((sum, [bits, n]) => sum + ((bits >> at) & 1) * n, 0)
        return `${BEHAVIOUR_STYLE[name].name} in ${inWords(count)}`
      })
      const [bits, most] = [...sets].reduce((best, one) => (one[1] > best[1] ? one : best))
      const only = behavioursOf(bits)
      const frequent = only.length === 0 ? 'no behaviour' : `exactly ${only.map(nameOf).join(' + ')}`
      const sure = `cairn generate countdown --behaviours ${wanted.length === 0 ? 'none' : wanted.join(',')}`
      return `Of the ${inWords(reached)} traces that come here, they show ${shown.join(', ')}; most often ${frequent} (${inWords(most)}). Choose what is there, as "only: [${only.join(', ')}]" does, or make traces that show just this: ${sure}.`
    },
  }
}

/** The behaviours that traces must show; null where the filter is about something else. */
function wantedBy({ only, behaviours }: Filter): Behaviour[] | null {
  if (only !== undefined) return only
  if (behaviours === undefined) return null
  const counts = behaviours as Partial<Record<string, { min?: number | undefined } | undefined>>
  return BEHAVIOURS.filter((name) => (counts[name]?.min ?? 0) > 0)
}

const inWords = (count: number): string => count.toLocaleString('en-US')
const nameOf = (behaviour: Behaviour): string => BEHAVIOUR_STYLE[behaviour].name
