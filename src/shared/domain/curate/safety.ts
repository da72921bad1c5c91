import { findLoops, hashSteps } from '../graph/loops.ts'
import { segment } from '../segment/index.ts'
import { createBenchmark, problemKey } from './benchmark.ts'
import { hashText, promptKey } from './hash.ts'
import { createNearIndex } from './near.ts'
import { isAnswered } from './thought.ts'

/** A row of a training set, whatever its format: what is asked and what is learnt. */
export interface CheckedRow {
  readonly file: string
  /** From 0. */
  readonly row: number
  readonly split: string
  readonly prompt: string
  /** Texts that are learnt or compared: one, or the two sides of a pair. */
  readonly texts: readonly string[]
}

export const FINDINGS = [
  'exact_duplicate',
  'near_duplicate',
  'leak_prompt',
  'leak_near_prompt',
  'leak_problem',
  'benchmark_overlap',
  'common_prompt',
  'loop',
  'no_answer',
  'truncated',
  'empty',
] as const
export type FindingKind = (typeof FINDINGS)[number]

/** Something a person should look at, with the row it concerns. */
export interface Finding {
  readonly kind: FindingKind
  readonly file: string
  readonly row: number
  readonly message: string
}

export interface SafetyOptions {
  /** Least similarity of near duplicates, 0.3 to 1. */
  readonly near: number
  /** Words of an n-gram that counts as overlap with a benchmark. */
  readonly ngram: number
  /** Share of the rows above which a prompt is over-represented; at least `commonRows` rows. */
  readonly common: number
  readonly commonRows: number
  /** Whether rows should end in an answer; rows of single steps and branches do not. */
  readonly answers: boolean
}

export const SAFETY_DEFAULTS: SafetyOptions = {
  near: 0.8,
  ngram: 13,
  common: 0.01,
  commonRows: 5,
  answers: true,
}

export interface Safety {
  /** Texts of a benchmark, before any row. */
  addBenchmark(text: string, name: string): void
  add(row: CheckedRow): void
  /** Findings in the order of kinds, and how many rows were looked at. */
  finish(): { rows: number; findings: Finding[] }
}

/** Looks through a training set for what makes it unsafe to train on, or to measure with. One pass. */
export function createSafety(options: SafetyOptions = SAFETY_DEFAULTS): Safety {
  const findings: Finding[] = []
  const exact = new Map<number, string>()
  const near = createNearIndex(options.near)
  const names: string[] = []
  const prompts = new Map<number, { splits: Map<string, string>; rows: number; first: CheckedRow }>()
  const problems = new Map<string, Map<string, string>>()
  const nearPrompts = createNearIndex(options.near)
  const promptNames: { name: string; split: string; key: number }[] = []
  const benchmark = createBenchmark(options.ngram)
  let rows = 0

  const find = (kind: FindingKind, { file, row }: CheckedRow, message: string) =>
    findings.push({ kind, file, row, message })

  const duplicates = (row: CheckedRow, whole: string): void => {
    const key = hashText(whole)
    const earlier = exact.get(key)
    if (earlier !== undefined) return void find('exact_duplicate', row, `the same as ${earlier}`)
    exact.set(key, nameOf(row))
    const like = near.match(row.texts.join('\n'), names.length)
    if (like !== null) find('near_duplicate', row, `${percent(like.similarity)} like ${names[like.id]!}`)
    names.push(nameOf(row))
  }

  const leaks = (row: CheckedRow): void => {
    const key = promptKey(row.prompt)
    const known = prompts.get(key)
    if (known !== undefined) {
      known.rows++
      const other = [...known.splits].find(([split]) => split !== row.split)
      if (other !== undefined && !known.splits.has(row.split))
        find('leak_prompt', row, `its prompt is in ${other[0]} too (${other[1]})`)
      if (!known.splits.has(row.split)) known.splits.set(row.split, nameOf(row))
      return
    }
    prompts.set(key, { splits: new Map([[row.split, nameOf(row)]]), rows: 1, first: row })
    const same = problemKey(row.prompt)
    if (same !== null) {
      // The wording of Countdown prompts is one; what differs is the problem.
      const splits = problems.get(same) ?? new Map<string, string>()
      problems.set(same, splits)
      const other = [...splits].find(([split]) => split !== row.split)
      if (other !== undefined)
        find('leak_problem', row, `the same numbers and target are in ${other[0]} (${other[1]})`)
      splits.set(row.split, nameOf(row))
      return
    }
    const like = nearPrompts.match(row.prompt, promptNames.length)
    const other = like === null ? undefined : promptNames[like.id]!
    if (other !== undefined && other.split !== row.split)
      find(
        'leak_near_prompt',
        row,
        `its prompt is ${percent(like!.similarity)} like one in ${other.split} (${other.name})`,
      )
    promptNames.push({ name: nameOf(row), split: row.split, key })
  }

  const overlap = (row: CheckedRow): void => {
    const shared = benchmark.overlap(row.prompt, row.texts)
    if (shared !== null) find('benchmark_overlap', row, shared)
  }

  return {
    addBenchmark: (text, name) => benchmark.add(text, name),
    add(row) {
      rows++
      duplicates(row, [row.prompt, ...row.texts].join('\u0000'))
      leaks(row)
      overlap(row)
      for (const text of row.texts) quality(row, text, options.answers, find)
    },
    finish() {
      for (const { rows: count, first } of prompts.values())
        if (count >= options.commonRows && count > options.common * rows)
          find('common_prompt', first, `its prompt has ${count} of ${rows} rows`)
      const order = (kind: FindingKind) => FINDINGS.indexOf(kind)
      return { rows, findings: findings.sort((a, b) => order(a.kind) - order(b.kind)) }
    },
  }
}

type Find = (kind: FindingKind, row: CheckedRow, message: string) => void

function quality(row: CheckedRow, text: string, answers: boolean, find: Find): void {
  if (text.trim() === '') return find('empty', row, 'nothing is learnt from it')
  const bounds = segment(text)
  const [loop] = findLoops(hashSteps(text, bounds))
  if (loop !== undefined) find('loop', row, `${loop.period} steps come ${loop.rounds} times`)
  if (!answers) return
  const unclosed = /<think>/i.test(text) && !/<\/think>/i.test(text)
  if (unclosed) find('truncated', row, 'its thought is never closed')
  else if (/<answer>/i.test(text) && !/<\/answer>/i.test(text))
    find('truncated', row, 'its answer is never closed')
  else if (!isAnswered(text)) find('no_answer', row, 'no answer is marked or stated')
  else if (/<answer>\s*<\/answer>/i.test(text)) find('empty', row, 'its answer is empty')
}

const nameOf = ({ file, row }: CheckedRow): string => `${file}:${row}`
const percent = (share: number): string => `${Math.round(share * 100)}%`
