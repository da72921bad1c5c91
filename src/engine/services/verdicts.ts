import { z } from 'zod'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { Checking, STANDARD_CHECKING } from '#shared/domain/answers/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { typedDbError } from '../db/connection.ts'
import type { DeskStore } from '../db/desk.ts'
import type { VerdictStore } from '../db/verdicts.ts'
import type { JobContext, Jobs } from './jobs.ts'
import type { Readers } from './readers.ts'

/** Traces checked in one go: a cancel waits no longer than this. */
const PAGE = 100

const SETTING = 'checking'
const VerifyInput = z.object({ filter: Filter, force: z.boolean() })

interface Deps {
  path: string
  store: VerdictStore
  desk: Pick<DeskStore, 'settings' | 'putSetting'>
  readers: Pick<Readers, 'verdicts'>
  jobs: Jobs
}

/** How a workspace checks answers. What cannot be read, as from a newer Cairn, is Cairn's own way. */
export function checkingOf(desk: Pick<DeskStore, 'settings'>): Checking {
  return Checking.safeParse(desk.settings()[SETTING]).data ?? STANDARD_CHECKING
}

/** Verdicts on answers as a job: a thread checks, the engine stores. */
export function createVerdicts({ path, store, desk, readers, jobs }: Deps) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { filter, force } = VerifyInput.parse(input)
    const checking = checkingOf(desk)
    const ids = await readers.verdicts('verdicts.pending', { filter, checking, force })
    report({ done: 0, total: ids.length, unit: 'traces' })
    const sum = { traces: 0, correct: 0, incorrect: 0, no_answer: 0, unknown: 0 }
    const check = (from: number) => {
      const page = readers.verdicts('verdicts.check', { ids: ids.slice(from, from + PAGE), checking })
      page.catch(() => undefined)
      return page
    }
    let next = check(0)
    for (let from = 0; from < ids.length && !signal.aborted; from += PAGE) {
      const page = await next
      // The next page is being checked while the one before it is stored.
      next = check(from + PAGE)
      try {
        store.store(page)
      } catch (thrown) {
        throw typedDbError(thrown, path)
      }
      for (const { verdict } of page) sum[verdict.outcome]++
      sum.traces += page.length
      report({ done: Math.min(from + PAGE, ids.length), traces: sum.traces })
    }
    return sum
  }
  jobs.register('verify', run, 'verify')

  const handlers: Pick<ApiHandlers, 'verdicts.start' | 'verdicts.checking' | 'verdicts.setChecking'> = {
    'verdicts.start': (input) => jobs.start('verify', input as unknown as Json),
    'verdicts.checking': () => checkingOf(desk),
    'verdicts.setChecking'(checking) {
      desk.putSetting(SETTING, checking as unknown as Json)
      return checking
    },
  }
  return { handlers }
}
