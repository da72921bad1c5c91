import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { RewriteInput, type RewriteResult } from '#shared/contract/rewrite.ts'
import { equivalent, extractAnswer } from '#shared/domain/answers/index.ts'
import { partsOf } from '#shared/domain/curate/index.ts'
import {
  readRewritten,
  REWRITE_PARTS,
  rewriteQuestion,
  REWRITING_VERSION,
  withParts,
  type RewritePart,
} from '#shared/domain/llm-judge/rewriting.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { ask, failsAll, type AskOptions, type Endpoint } from '../llm-judge/endpoint.ts'
import { HOPELESS, problemOf, sampled } from '../llm-judge/questions.ts'
import { openRowsFile } from '../llm-judge/rows-file.ts'
import { createTurns } from '../llm-judge/turns.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { latexParser } from './latex-parser.ts'

interface Deps {
  traces: TraceStore
  jobs: Jobs
  /** Key of the endpoint, read when a job runs. */
  key: () => string | undefined
  asking?: Omit<AskOptions, 'signal' | 'maxTokens'>
}

type Texts = Partial<Record<RewritePart, string>>

/** Rewriting of traces by a language model of the user's, as a job that goes on where its file ends. */
export function createRewrite({ traces, jobs, key, asking = {} }: Deps) {
  const run = async (given: Json, { signal, report }: JobContext): Promise<Json> => {
    const input = RewriteInput.parse(given)
    const endpoint: Endpoint = { url: input.url, model: input.model, key: key() }
    const parts = REWRITE_PARTS.filter((part) => input.parts.includes(part))
    const settings = settingsOf(input, parts)
    const path = resolve(input.path)
    const ids = sampled(traces.ids(input.filter), input.sample, input.seed)
    const parse = await latexParser()
    const file = await openRowsFile(path, (row) => {
      signal.throwIfAborted()
      return rowKey(row, settings, path)
    })
    try {
      const result: RewriteResult = {
        ...{ path, traces: ids.length, written: 0, known: 0, failed: 0, changed: 0 },
        ...{ tokensAsked: 0, tokensAnswered: 0, failures: [] },
      }
      const reasons = new Map<string, number>()
      let done = 0
      let inARow = 0
      const turns = createTurns(ids, traces)
      report({ done, total: ids.length, unit: 'traces' })

      const textsOf = async (trace: FullTrace): Promise<Texts> => {
        const { thought, rest } = partsOf(trace.response)
        const shown = {
          problem: problemOf(trace),
          thought: trace.response.slice(thought.start, thought.end),
          answer: trace.response.slice(rest.start, rest.end),
        }
        const texts: Texts = {}
        for (const part of parts) {
          if (part !== 'question' && shown[part] === '') continue
          const { text, tokens } = await ask(endpoint, rewriteQuestion(part, shown, input.instruction), {
            ...asking,
            ...{ signal, maxTokens: input.maxTokens },
          })
          turns.answered()
          result.tokensAsked += tokens.asked
          result.tokensAnswered += tokens.answered
          const rewritten = readRewritten(text)
          if (rewritten === null)
            throw new CairnError('endpoint_refused', 'The answer holds no <rewritten>…</rewritten>.')
          texts[part] = rewritten
        }
        return texts
      }
      const rewrite = async (trace: FullTrace): Promise<void> => {
        try {
          const texts = await textsOf(trace)
          const response = withParts(trace.response, texts)
          const kept = sameAnswer(trace.response, response)
          if (kept === false) result.changed++
          file.add(rowOf(trace, texts, response, kept, settings))
          result.written++
          inARow = 0
        } catch (thrown) {
          const error = toCairnError(thrown)
          const { code, message } = error
          if (!code.startsWith('endpoint_')) throw thrown
          result.failed++
          reasons.set(message, (reasons.get(message) ?? 0) + 1)
          if (failsAll(error)) {
            if (++inARow >= HOPELESS)
              throw new CairnError(
                'endpoint_unreachable',
                `${message} ${HOPELESS} traces in a row failed, so no more are asked. ${result.written} rows are in ${path}; the same command goes on from there.`,
              )
            return
          }
          inARow = 0
          turns.refused(trace.row.id, message)
        }
      }
      const sameAnswer = (before: string, after: string): boolean | null => {
        const [old, now] = [extractAnswer(before), extractAnswer(after)]
        if (old === null) return null
        return now !== null && equivalent(now.text, old.text, parse).equal
      }
      const queue = turns.ids()
      const worker = async () => {
        for (const id of queue) {
          if (signal.aborted) return
          const trace = traces.get(id)
          if (trace !== null && file.known.has(traceKey(trace))) {
            result.known++
            turns.answered()
          } else if (trace !== null) await rewrite(trace)
          report({ done: ++done, traces: done, note: `${result.written} written, ${result.failed} failed` })
        }
      }
      // One that fails for good lets the others end theirs first: a text that was paid for is kept.
      const ends = await Promise.allSettled(Array.from({ length: input.concurrency }, worker))
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      const failures = [...reasons]
        .sort(([, a], [, b]) => b - a)
        .map(([reason, n]) => ({ reason, traces: n }))
      return { ...result, failures: failures.slice(0, 20) }
    } finally {
      file.close()
    }
  }
  jobs.register('rewrite', run)

  const handlers: Pick<ApiHandlers, 'rewrite.start'> = {
    'rewrite.start': (input) => jobs.start('rewrite', input as unknown as Json),
  }
  return { handlers }
}

/** What rows of one file have in common. */
const settingsOf = ({ model, instruction }: RewriteInput, parts: readonly RewritePart[]) => ({
  version: REWRITING_VERSION,
  model,
  parts,
  instruction,
})

/** Equal for a trace in whatever workspace it lies. */
const traceKey = ({ row, textHash }: FullTrace): string =>
  createHash('sha256')
    .update(JSON.stringify([row.run, row.checkpoint, row.key, row.sample, row.prompt, textHash]))
    .digest('hex')
    .slice(0, 32)

function rowKey(row: { readonly [key: string]: Json }, settings: object, path: string): string {
  if (
    typeof row['source_trace'] === 'string' &&
    JSON.stringify(row['rewriting']) === JSON.stringify(settings)
  )
    return row['source_trace']
  throw new CairnError(
    'conflict',
    `${path} holds rows of another rewriting (other model, parts or instruction). Nothing was changed; choose another file.`,
    { path },
  )
}

/** A row that Cairn and trainers read: the new texts, and the old ones beside them. */
function rowOf(
  trace: FullTrace,
  texts: Texts,
  response: string,
  kept: boolean | null,
  settings: ReturnType<typeof settingsOf>,
): Json {
  const { run, checkpoint, key, sample, correct, reward } = trace.row
  return {
    ...{ id: key, run, checkpoint, sample },
    prompt: texts.question ?? problemOf(trace),
    response,
    reference: trace.reference,
    ...{ correct, reward },
    original: { prompt: problemOf(trace), response: trace.response },
    answer_kept: kept,
    rewriting: settings as unknown as Json,
    source_trace: traceKey(trace),
  }
}
