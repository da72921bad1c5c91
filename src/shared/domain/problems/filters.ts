import { choicesOf, letterOf } from '../answers/choices.ts'
import { cleanAnswer, plainWords } from '../answers/clean.ts'
import { structureOf, type Structure } from '../answers/structure.ts'
import { countdownProblem } from '../countdown/problem.ts'

/**
 * Why a problem is unfit for training with verifiable rewards, after the filters of Big-Math (Albalak et
 * al. 2025): its answer can be guessed, is no closed form, or is not the only one.
 */
export const PROBLEM_FILTERS = [
  'multiple_choice',
  'yes_no',
  'proof',
  'multi_part',
  'not_closed_form',
  'no_unique_answer',
] as const

export type ProblemFilter = (typeof PROBLEM_FILTERS)[number]

/** One filter that a problem falls under, with the words that tell. */
export interface ProblemFlag {
  filter: ProblemFilter
  reason: string
}

/** The filters a problem falls under, in the order of `PROBLEM_FILTERS`. `reference` is null where unknown. */
export function problemFlags(prompt: string, reference: string | null): ProblemFlag[] {
  return PROBLEM_FILTERS.flatMap((filter) => {
    const reason = RULES[filter](prompt, reference)
    return reason === null ? [] : [{ filter, reason }]
  })
}

type Rule = (prompt: string, reference: string | null) => string | null

const RULES: Readonly<Record<ProblemFilter, Rule>> = {
  multiple_choice(prompt, reference) {
    const choices = choicesOf(prompt)
    if (choices.size >= 3) return `offers the options ${[...choices.keys()].join(', ')}`
    if (reference !== null && letterOf(reference) !== null && choices.size === 2)
      return 'offers two options by letter'
    return quote(/\bwhich (?:one )?of the following\b/i, prompt)
  },

  yes_no(prompt, reference) {
    const words = reference === null ? null : plainWords(reference)
    if (words !== null && /^(?:yes|no|true|false)$/.test(words)) return `the answer is "${words}"`
    if (words !== null && /\d/.test(words)) return null
    const question = lastSentence(prompt)
    if (ASKS_VALUE.test(question)) return null
    return (
      quote(/\btrue or false\b|\byes or no\b/i, question) ??
      quote(
        /^(?:so,? |then,? )?(?:is|are|was|were|does|do|did|can|could|will|must|has|have)\b[^?]*\?/i,
        question,
      ) ??
      quote(/\b(?:determine|decide|state|tell|find out) (?:whether|if)\b/i, question)
    )
  },

  proof(prompt) {
    return quote(
      /(?:^|[.?!,:;\n]\s*|\b(?:and|then|please|must)\s+)(?:prove|show|demonstrate|verify|justify|deduce) that\b|(?:^|[.?!\n]\s*)prove\b/i,
      prompt,
    )
  },

  multi_part(prompt, reference) {
    const parts = partsOf(prompt)
    if (parts !== null) return `has the parts ${parts.join(', ')}`
    if (reference !== null && partsOf(reference) !== null) return 'the answer has several parts'
    const questions =
      prompt.match(
        /\b(?:what|how many|how much|find|compute|calculate|determine|which|who|when)\b[^.?!]*\?/gi,
      ) ?? []
    return questions.length >= 2 ? `asks ${questions.length} questions` : null
  },

  not_closed_form(_prompt, reference) {
    if (reference === null || letterOf(reference) !== null) return null
    const approximate = quote(
      /\\approx|≈|\bapprox(?:imately|\.)?|\babout\b|\broughly\b|\\(?:ldots|dots|cdots)|\.{3}|…/i,
      reference,
    )
    if (approximate !== null) return `the answer reads ${approximate}`
    const words = proseOf(cleanAnswer(reference))
    return words >= 4 ? `the answer has ${words} words` : null
  },

  no_unique_answer(prompt, reference) {
    if (countdownProblem(prompt, {}) !== null) return null
    const vague =
      reference === null
        ? null
        : quote(
            /\banswers? (?:may|will|can|could)? ?var(?:y|ies)\b|\bfor (?:example|instance)\b|\be\.g\.|\bany\b|\bmultiple (?:answers|solutions)\b/i,
            reference,
          )
    if (vague !== null) return `the answer reads ${vague}`
    return quote(
      /(?:^|[.?!\n]\s*)(?:give|provide|find|construct|write|state|name|suggest)\b[^.?!]{0,30}?\b(?:an example|any|one possible|a possible|at least one|one such)\b|(?:^|[.?!\n]\s*)(?:explain|describe|discuss) (?:why|how|what|the|your)\b|\bwhat do you think\b|\bin your own words\b|(?:^|[.?!\n]\s*)estimate\b/i,
      prompt,
    )
  },
}

/** A question for a value, however it begins. */
const ASKS_VALUE =
  /\b(?:what|how (?:many|much|long|far|old|tall|often|fast)|find|compute|calculate|evaluate|express|solve|which|who|when|where)\b/i

function quote(pattern: RegExp, text: string): string | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const words = match[0]
    .replace(/^[\s.?!,:;]+/, '')
    .replace(/\s+/g, ' ')
    .trim()
  return `"${words.length > 80 ? `${words.slice(0, 79)}…` : words}"`
}

/** The sentence that asks: the last one that is no formatting instruction. */
function lastSentence(prompt: string): string {
  const sentences = prompt.trim().split(/(?<=[.?!])\s+|\n+/)
  const asking = sentences.findLast((sentence) => sentence.trim().endsWith('?') || IMPERATIVE.test(sentence))
  return (asking ?? sentences.at(-1) ?? '').trim()
}

const IMPERATIVE =
  /^(?:determine|decide|state|tell|find|compute|calculate|evaluate|prove|show|express|solve)\b/i

/** `(a)`, `(b)` … or `a)`, `b)` …, or `Part A`, each at the start of a line or sentence; null unless two follow. */
function partsOf(text: string): string[] | null {
  for (const pattern of [
    /(?:^|\n|[.?!:;]\s+)\s*\(([a-f])\)\s/g,
    /(?:^|\n)\s*([a-f])\)\s/g,
    /(?:^|\n|[.?!:;]\s+)\s*\(?(i{1,3}|iv|v)\)\s/g,
    /(?:^|\n)\s*part\s+([a-f1-6])\b/gi,
    /(?:^|\n)\s*\(([1-6])\)\s/g,
  ]) {
    const marks = [...text.matchAll(pattern)].map((match) => match[1]!.toLowerCase())
    const expected = [
      ['a', 'b'],
      ['i', 'ii'],
      ['1', '2'],
    ]
    if (expected.some(([first, second]) => marks[0] === first && marks[1] === second)) return marks
  }
  return null
}

/** Words of an answer that belong to no formula, unit or name of up to three words. */
function proseOf(reference: string): number {
  const structure: Structure = structureOf(reference)
  if (structure.kind === 'quantity' || structure.kind === 'percent') return 0
  const outside = reference
    .replace(/\$[^$]*\$|\\\([\s\S]*?\\\)/g, ' ')
    .replace(/\\text\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\\[a-zA-Z]+/g, ' ')
  return (outside.match(/[A-Za-z]{2,}/g) ?? []).length
}
