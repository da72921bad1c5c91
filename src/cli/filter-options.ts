import { Option, type Command } from 'commander'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { VERDICTS, type FilterInput } from '#shared/contract/filter.ts'
import type { EngineClient } from '#engine/create-engine.ts'
import { collect, parseNumber } from './option-values.ts'
import { findOwn } from './own-behaviour.ts'

/** How often a behaviour is wanted: one of the four, or one of the workspace's own by its name. */
interface Count {
  name: string
  count: number
}

export interface FilterFlags {
  run?: string[]
  checkpoint?: { min?: number; max?: number }
  correct?: boolean
  incorrect?: boolean
  unknown?: boolean
  verdict?: NonNullable<FilterInput['verdict']>
  disagrees?: boolean
  min?: Count[]
  max?: Count[]
  minLength?: number
  maxLength?: number
  where?: NonNullable<FilterInput['metadata']>
  search?: string
  labelled?: boolean
}

/** Adds the options that select traces; the same on every command that takes a selection. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--run <name>', 'only this run (repeat for several)', collect, undefined)
    .option('--checkpoint <n|a..b>', 'only this checkpoint, or this range', parseRange)
    .addOption(new Option('--correct', 'only correct traces').conflicts(['incorrect', 'unknown']))
    .addOption(new Option('--incorrect', 'only incorrect traces').conflicts('unknown'))
    .option('--unknown', 'only traces whose correctness is not known')
    .addOption(new Option('--verdict <verdict>', 'only what "cairn verify" found so').choices(VERDICTS))
    .option('--disagrees', 'only traces whose file says something else than "cairn verify"')
    .addOption(
      new Option(
        '--min <behaviour=n>',
        `at least n steps of a behaviour (${BEHAVIOURS.join(', ')}, or one of your own by its name)`,
      ).argParser(collectCount),
    )
    .addOption(new Option('--max <behaviour=n>', 'at most n steps of a behaviour').argParser(collectCount))
    .option('--min-length <n>', 'responses of at least n characters', parseNumber)
    .option('--max-length <n>', 'responses of at most n characters', parseNumber)
    .option(
      '--where <condition>',
      'condition on metadata: path=value, path!=value, path>n, path~text, or path alone (repeat for several)',
      collectWhere,
      undefined,
    )
    .option('--search <query>', 'full-text query: words, "phrases", prefix*, AND, OR, NOT')
    .option('--labelled', 'only traces with annotations')
}

/**
 * The selection that options say.
 * @throws CairnError `not_found` when a behaviour is neither one of the four nor one of the workspace's own
 */
export async function toFilter(flags: FilterFlags, client: EngineClient): Promise<FilterInput> {
  const behaviours: NonNullable<FilterInput['behaviours']> = []
  const own: NonNullable<FilterInput['own']> = []
  for (const side of ['min', 'max'] as const)
    for (const { name, count } of flags[side] ?? []) {
      const behaviour = builtIn(name)
      if (behaviour !== undefined) behaviours.push({ behaviour, [side]: count })
      else own.push({ behaviour: (await findOwn(client, name)).id, [side]: count })
    }
  return {
    ...(flags.run && { runs: flags.run }),
    ...(flags.checkpoint && { checkpoint: flags.checkpoint }),
    ...(flags.correct && { correct: true }),
    ...(flags.incorrect && { correct: false }),
    ...(flags.unknown && { correct: null }),
    ...(flags.verdict && { verdict: flags.verdict }),
    ...(flags.disagrees && { disagrees: true }),
    ...(behaviours.length > 0 && { behaviours }),
    ...(own.length > 0 && { own }),
    ...((flags.minLength !== undefined || flags.maxLength !== undefined) && {
      length: {
        ...(flags.minLength !== undefined && { min: flags.minLength }),
        ...(flags.maxLength !== undefined && { max: flags.maxLength }),
      },
    }),
    ...(flags.where && { metadata: flags.where }),
    ...(flags.search !== undefined && { search: flags.search }),
    ...(flags.labelled && { labelled: true }),
  }
}

function parseRange(text: string): { min?: number; max?: number } {
  const match = /^(.*?)\.\.(.*)$/.exec(text)
  if (match === null) return { min: parseNumber(text), max: parseNumber(text) }
  return {
    ...(match[1] !== '' && { min: parseNumber(match[1]!) }),
    ...(match[2] !== '' && { max: parseNumber(match[2]!) }),
  }
}

function collectCount(text: string, all: Count[] = []): Count[] {
  const [, name = text, value = '1'] = /^(.*)=([^=]*)$/s.exec(text) ?? []
  return [...all, { name, count: parseNumber(value) }]
}

const builtIn = (name: string): Behaviour | undefined =>
  BEHAVIOURS.find((candidate) => candidate === name.replaceAll('-', '_').replaceAll(' ', '_'))

type Where = NonNullable<FilterInput['metadata']>

function collectWhere(text: string, all: Where = []): Where {
  const match = /^(.+?)(!=|<=|>=|=|<|>|~)(.*)$/s.exec(text)
  if (match === null) return [...all, { path: text, op: 'exists' }]
  const [, path, op, raw] = match as unknown as [string, string, string, string]
  return [
    ...all,
    { path: path.trim(), op: op === '~' ? 'contains' : (op as '='), value: op === '~' ? raw : literal(raw) },
  ]
}

/** `3`, `true` and `null` are themselves; everything else, and anything in quotes, is text. */
function literal(raw: string): string | number | boolean | null {
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(raw)) return Number(raw)
  if (raw === 'true' || raw === 'false') return raw === 'true'
  if (raw === 'null') return null
  return /^"(.*)"$/s.exec(raw)?.[1] ?? raw
}
