import type { ApiHandlers } from '#shared/contract/index.ts'
import { judge as contract, type JudgeComparison } from '#shared/contract/judge.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { cohensKappa } from '#shared/domain/evaluation/agreement.ts'
import { mean, spearman } from '#shared/domain/evaluation/correlation.ts'
import { countQuestion, QUESTIONS_VERSION, readCount } from '#shared/domain/llm-judge/questions.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { typedDbError } from '../db/connection.ts'
import type { Compared, JudgementStore } from '../db/judgements.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { ask, failsAll, type AskOptions, type Endpoint } from '../llm-judge/endpoint.ts'
import { HOPELESS, problemOf, sampled } from '../llm-judge/questions.ts'
import { createTurns } from '../llm-judge/turns.ts'
import type { JobContext, Jobs } from './jobs.ts'

interface Deps {
  path: string
  store: JudgementStore
  traces: TraceStore
  jobs: Jobs
  clock: Clock
  /** Key of the endpoint, read when a job runs. */
  key: () => string | undefined
  asking?: Omit<AskOptions, 'signal'>
}

interface Question {
  trace: FullTrace
  behaviour: Behaviour
  /** Of those of its trace. */
  last: boolean
  /** Questions of its trace, and how many of them the server has said no to. */
  ofTrace: { readonly asked: number; refused: number }
}

/** Questions to a language model of the user's, as a job that asks only what has no answer yet. */
export function createJudge({ path, store, traces, jobs, clock, key, asking = {} }: Deps) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { filter, url, model, behaviours, concurrency, sample, seed } =
      contract['judge.start'].input.parse(input)
    const endpoint: Endpoint = { url, model, key: key() }
    const name = judgeName(model)
    const ids = sampled(traces.ids(filter), sample, seed)
    const sum = {
      judge: name,
      traces: ids.length,
      answered: 0,
      failed: 0,
      known: 0,
      tokensAsked: 0,
      tokensAnswered: 0,
    }
    let done = 0
    let inARow = 0
    const turns = createTurns(ids, traces)
    report({ done, total: ids.length, unit: 'traces' })

    const count = async ({ trace, behaviour, ofTrace }: Question): Promise<void> => {
      const about = { traceId: trace.row.id, judge: name, behaviour, at: clock.now() }
      const nothing = { count: null, answer: '', tokensAsked: 0, tokensAnswered: 0 }
      try {
        const { text, tokens } = await ask(
          endpoint,
          countQuestion(behaviour, problemOf(trace), trace.response),
          {
            ...asking,
            signal,
          },
        )
        turns.answered()
        const counted = readCount(text)
        const error = counted === null ? 'The answer holds no <count>.' : null
        keep({
          ...about,
          count: counted,
          error,
          answer: text,
          tokensAsked: tokens.asked,
          tokensAnswered: tokens.answered,
        })
        sum[counted === null ? 'failed' : 'answered']++
        sum.tokensAsked += tokens.asked
        sum.tokensAnswered += tokens.answered
        inARow = 0
      } catch (thrown) {
        const error = toCairnError(thrown)
        const { code, message } = error
        if (!code.startsWith('endpoint_')) throw thrown
        keep({ ...about, ...nothing, error: message })
        sum.failed++
        if (failsAll(error)) {
          if (++inARow >= HOPELESS)
            throw new CairnError(
              'endpoint_unreachable',
              `${message} ${HOPELESS} questions in a row failed, so no more are asked. ${sum.answered} answers are kept; the same command goes on from there.`,
            )
          return
        }
        inARow = 0
        if (++ofTrace.refused === ofTrace.asked) turns.refused(trace.row.id, message)
      }
    }
    const keep = (judgement: Parameters<typeof store.put>[0]) => {
      try {
        store.put(judgement)
      } catch (thrown) {
        throw typedDbError(thrown, path)
      }
    }
    const questions = (function* (): Generator<Question> {
      for (const id of turns.ids()) {
        const known = new Set(store.answered(name, id))
        const open = behaviours.filter((behaviour) => !known.has(behaviour))
        sum.known += behaviours.length - open.length
        if (sum.known > 0) turns.answered()
        const trace = open.length === 0 ? null : traces.get(id)
        if (trace === null) report({ done: ++done, traces: done })
        else {
          const ofTrace = { asked: open.length, refused: 0 }
          for (const [at, behaviour] of open.entries())
            yield { trace, behaviour, last: at === open.length - 1, ofTrace }
        }
      }
    })()
    const worker = async () => {
      for (const question of questions) {
        if (signal.aborted) return
        await count(question)
        if (question.last) done++
        report({ done, traces: done, note: `${sum.answered} answered, ${sum.failed} failed` })
      }
    }
    // One that fails for good lets the others end theirs first: an answer that was paid for is kept.
    const ends = await Promise.allSettled(Array.from({ length: concurrency }, worker))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return sum
  }
  jobs.register('judge', run)

  const handlers: Pick<ApiHandlers, 'judge.start' | 'judge.list' | 'judge.failures' | 'judge.agreement'> = {
    'judge.start': (input) => jobs.start('judge', input as unknown as Json),
    'judge.list': () => store.totals(),
    'judge.failures': ({ judge }) => store.failures(judge),
    'judge.agreement': ({ judge, filter }) =>
      BEHAVIOURS.map((behaviour) => {
        const all = store.compared(judge, behaviour, filter)
        return {
          behaviour,
          total: all.reduce((sum, { judged }) => sum + judged, 0),
          steps: compare(all, 'steps'),
          episodes: compare(all, 'episodes'),
          labels: compare(all, 'labels'),
        }
      }),
  }
  return { handlers }
}

/** The name that a model's answers are kept under. */
export const judgeName = (model: string): string => `${model} (questions ${QUESTIONS_VERSION})`

function compare(all: readonly Compared[], other: 'steps' | 'episodes' | 'labels'): JudgeComparison {
  const pairs = all.flatMap(({ judged, [other]: count }) =>
    count === null ? [] : [[judged, count] as const],
  )
  const [left, right] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
  const both = { both: 0, first: 0, second: 0, neither: 0 }
  for (const [a, b] of pairs) both[a > 0 ? (b > 0 ? 'both' : 'first') : b > 0 ? 'second' : 'neither']++
  return {
    traces: pairs.length,
    mean: pairs.length === 0 ? null : mean(left),
    otherMean: pairs.length === 0 ? null : mean(right),
    difference: pairs.length === 0 ? null : mean(pairs.map(([a, b]) => Math.abs(a - b))),
    correlation: spearman(left, right),
    kappa: cohensKappa(both),
  }
}
