import { cleanAnswer, sameWords } from './clean.ts'
import { markedAnswer, statedAnswer } from './extract.ts'
import type { Equivalence } from './equivalent.ts'

/** The letter that an answer consists of: `B`, `(b)`, `\text{B}`, `B.`, `Option B`; null for more than that. */
export function letterOf(text: string): string | null {
  const match = /^(?:option|choice|answer)?\s*[([{]?\s*([A-Ja-j])\s*[)\]}]?[.:]?$/i.exec(cleanAnswer(text))
  return match === null ? null : match[1]!.toUpperCase()
}

/**
 * The options of a prompt by letter: lines or runs of `A) …`, `(A) …`, `A. …`, `\textbf{(A) } …`, beginning at A and without a
 * gap. Empty when there are none.
 */
export function choicesOf(prompt: string): Map<string, string> {
  const marks = [
    ...prompt.matchAll(
      /(?:^|\n|\s|\{|\$)(?:\\(?:text(?:bf)?|mathrm)\s*\{\s*)?(?:\(([A-J])\)|([A-J])[).:])\s*\}?(?=\s|\$|\\)/g,
    ),
  ]
  const options = new Map<string, string>()
  for (const [index, mark] of marks.entries()) {
    const letter = (mark[1] ?? mark[2])!
    const expected = String.fromCharCode(65 + options.size)
    if (letter !== expected) continue
    const end = marks[index + 1]?.index ?? prompt.length
    options.set(
      letter,
      prompt
        .slice(mark.index + mark[0].length, end)
        .trim()
        .split(/\n\s*\n/)[0]!
        .slice(0, 400),
    )
  }
  return options.size >= 2 ? options : new Map<string, string>()
}

/** `B) 4`, `B, the first`, `B as shown`, `B (4)`; two letters, as in `A, C`, are no choice. */
const LETTER_FIRST =
  /^\(?([A-J])(?:[).:](?=\s|$)|(?=(?:,(?!\s*(?:and\s|or\s)?\s*\(?[A-J]\b)|\s+(?:because|since|as)\b|\s\((?!and\b|or\b))))/

/** A second letter further on: `A (3) and C (5)`, `A, 3, or C, 5`. */
const LETTER_AGAIN = /(?:[,;&/]|\band\b|\bor\b)\s*(?:option\s+)?\(?[A-J]\b(?=\s*[,(.):]|\s*$)/

/** The letter an answer begins with; null where it names another one too, but not as in `A, not B`. */
function firstLetter(text: string): string | null {
  const [match, letter] = LETTER_FIRST.exec(text) ?? []
  if (match === undefined || letter === undefined) return null
  const rest = text.slice(match.length).split(/\bnot\b/)[0]!
  return /^(?:,|\s\()/.test(rest) && LETTER_AGAIN.test(rest) ? null : letter
}

/** The option a response chooses: its letter, or the one option whose text it gives. */
export function chosenLetter(
  response: string,
  choices: ReadonlyMap<string, string>,
  compare: (a: string, b: string) => Equivalence,
): string | null {
  for (const found of [markedAnswer(response), statedAnswer(response)]) {
    if (found === null) continue
    const letter = letterOf(found.text) ?? firstLetter(cleanAnswer(found.text))
    if (letter !== null) return letter
    const said = [...choices].filter(
      ([, text]) => sameWords(text, found.text) || compare(found.text, text).equal,
    )
    if (said.length === 1) return said[0]![0]
  }
  const last = response.trimEnd().split('\n').at(-1)!
  return letterOf(last)
}
