import type { Annotation } from '#shared/contract/labels.ts'
import { isAimed, isProblem, targetBadge, targetWords, type Aimed } from './targets.ts'

/** A badge in the text that leads from a label to its target, or back from there. */
export interface Link {
  readonly key: string
  readonly label: Aimed
  /** The step that the badge stands at. */
  readonly step: number
  readonly text: string
  readonly words: string
  /** Whether it stands at the target and leads back. */
  readonly back: boolean
}

interface Steps {
  readonly first: number
  readonly last: number
}

/** The badges of labels that point somewhere, in the order of the text. */
export function linksOf(
  labels: readonly Annotation[],
  stepsOf: (span: { start: number; end: number }) => Steps,
): Link[] {
  return labels
    .filter(isAimed)
    .flatMap((label): Link[] => {
      const target = isProblem(label) ? null : stepsOf(label.target)
      const from = stepsOf(label)
      const words = targetWords(label.behaviour, target)
      const there: Link = {
        key: `${label.id}`,
        label,
        step: from.last,
        text: targetBadge(label.behaviour, target),
        words: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
        back: false,
      }
      if (target === null) return [there]
      return [
        there,
        {
          key: `${label.id} back`,
          label,
          step: target.last,
          text: `← ${from.first + 1}`,
          words: `Step ${from.first + 1} ${targetWords(label.behaviour, target)}`,
          back: true,
        },
      ]
    })
    .sort((a, b) => a.step - b.step)
}
