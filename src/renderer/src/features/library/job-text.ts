import type { UnreadTraces } from '#shared/contract/classify.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'
import { unreadText } from '#shared/domain/unread-text.ts'
import { progressText } from '../../app/job-progress.ts'
import { count, plural } from '../../ui/format.ts'

const VERBS = {
  import: 'Import',
  classify: 'Classification',
  export: 'Export',
  evaluate: 'Evaluation',
  recount: 'Recounting',
  adapt: 'Learning from labels',
  queue: 'Looking for steps to label',
  'own-train': 'Learning a behaviour',
  'own-classify': 'Looking for a behaviour',
  'own-recount': 'Recounting a behaviour',
  graphs: 'Measuring of graphs',
  curate: 'Data set',
  judge: 'Questions to a model',
  verify: 'Checking of answers',
  rewrite: 'Rewriting by a model',
  vectors: 'Vectors of steps',
  surprisal: 'Surprisal',
  'setup-cuda': 'Adding of the CUDA provider',
} as const
const STATES = {
  running: '',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
} as const

/** "Import of runs" */
export function jobTitle({ kind, input, state }: Job): string {
  const paths = field(input, 'paths')
  const names = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string').map(lastPart) : []
  const what =
    names.length === 0 ? '' : ` of ${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`
  return `${VERBS[kind]}${what}${state === 'running' ? '' : ` ${STATES[state]}`}`
}

/** How far a job has come, or what came of it. */
export function jobText({ progress, error, state, result }: Job): string {
  if (error !== null) return error.message
  if (state !== 'running') return resultText(result)
  return progressText(progress)
}

function resultText(result: Json): string {
  const told = [
    ['imported', (value: number) => `${count(value)} imported`],
    ['duplicates', (value: number) => `${count(value)} already there`],
    ['rejected', (value: number) => `${count(value)} rejected`],
    ['traces', (value: number) => plural(value, 'trace')],
    ['steps', (value: number) => plural(value, 'step')],
  ] as const
  const parts = told.flatMap(([key, text]) => {
    const value = field(result, key)
    return typeof value === 'number' && (value > 0 || key === 'imported') ? [text(value)] : []
  })
  const provider = field(result, 'provider')
  if (typeof provider === 'string') parts.push(`on ${provider.toUpperCase()}`)
  const failures = field(result, 'failures')
  if (Array.isArray(failures)) parts.push(...(failures as Json[]).filter(isUnread).map(unreadText))
  return parts.join(' · ')
}

/** Whether it says which traces a model could not read; other jobs tell of other failures. */
const isUnread = (failure: Json): failure is UnreadTraces => Array.isArray(field(failure, 'ids'))

const lastPart = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) ?? path

function field(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return (value as { readonly [key: string]: Json })[key]
}
