import type { Json } from '../trace.ts'

/** A Countdown problem: reach the target with every number exactly once. */
export interface CountdownProblem {
  numbers: readonly number[]
  target: number
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`
const LIST = String.raw`\[?\s*(?<numbers>${NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)${NUMBER})+)\s*\]?`
const TARGET = `(?<target>${NUMBER})(?![\\d.]*\\d)`

/** The wordings of the common Countdown prompts; the words between are kept to one line and short. */
const WORDINGS: readonly RegExp[] = [
  // Using the numbers [79, 17, 60], create an equation that equals 36
  `\\busing (?:all )?(?:of )?(?:the|these) numbers:? ${LIST}[^\\n]{0,60}?\\bthat (?:equals|evaluates to|makes) ${TARGET}`,
  // Make 96 with the numbers [58, 84, 48, 62]; Calculate 237 using all of these numbers: 95, 98
  `\\b(?:make|calculate|reach|get|obtain) ${TARGET} (?:with|using|from) (?:all )?(?:of )?(?:the|these) numbers:? ${LIST}`,
  // Combine these initial numbers [90, 11, 37, 95] … to reach the target value 55
  `\\b(?:combine|use) (?:the|these) (?:initial )?numbers:? ${LIST}[^\\n]{0,120}?\\btarget (?:value |number )?(?:of |is )?${TARGET}`,
].map((source) => new RegExp(source, 'gi'))

/**
 * The Countdown problem a trace answers: from its metadata (`numbers` or `nums` with `target`, at the
 * top or under `gts`, `ground_truth` or `reward_model.ground_truth`), else from the wording of its
 * prompt. A prompt with worked examples poses its own problem last, so the last match counts.
 *
 * @returns null when neither states a problem with at least two numbers
 */
export function countdownProblem(
  prompt: string,
  metadata: { readonly [key: string]: Json },
): CountdownProblem | null {
  return fromMetadata(metadata) ?? fromPrompt(prompt)
}

function fromMetadata(metadata: { readonly [key: string]: Json }): CountdownProblem | null {
  const rewardModel = metadata['reward_model']
  const nested = isObject(rewardModel) ? rewardModel['ground_truth'] : undefined
  for (const candidate of [metadata, metadata['gts'], metadata['ground_truth'], nested]) {
    const holder = typeof candidate === 'string' ? parsed(candidate) : candidate
    if (!isObject(holder)) continue
    const numbers = numberList(holder['numbers'] ?? holder['nums'])
    const target = finiteNumber(holder['target'])
    if (numbers !== null && target !== null) return { numbers, target }
  }
  return null
}

function fromPrompt(prompt: string): CountdownProblem | null {
  let last: { at: number; problem: CountdownProblem } | null = null
  for (const wording of WORDINGS) {
    for (const match of prompt.matchAll(wording)) {
      const numbers = match.groups!['numbers']!.match(new RegExp(NUMBER, 'g'))!.map(Number)
      const problem = { numbers, target: Number(match.groups!['target']) }
      if (last === null || match.index > last.at) last = { at: match.index, problem }
    }
  }
  return last?.problem ?? null
}

function numberList(value: Json | undefined): number[] | null {
  if (!Array.isArray(value) || value.length < 2) return null
  const numbers = (value as readonly Json[]).map(finiteNumber)
  return numbers.every((number) => number !== null) ? numbers : null
}

function finiteNumber(value: Json | undefined): number | null {
  if (typeof value === 'string' && value.trim() === '') return null
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
