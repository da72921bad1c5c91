import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Contract, Handlers } from '#shared/contract/contract.ts'
import { Filter } from '#shared/contract/filter.ts'
import { Checking, checkingKey, createVerifier, type Answered } from '#shared/domain/answers/index.ts'
import type { Db } from '../db/connection.ts'
import type { TraceStore } from '../db/traces.ts'
import { unchecked, type StoredVerdict } from '../db/verdicts.ts'
import { latexParser } from './latex-parser.ts'

/** What the thread that checks answers is asked. */
export const verdictReading = {
  /** Ids of the traces that have no verdict of a way of checking, rising. */
  'verdicts.pending': {
    input: z.object({ filter: Filter, checking: Checking, force: z.boolean() }),
    output: z.array(z.int()),
  },
  'verdicts.check': {
    input: z.object({ ids: z.array(z.int()), checking: Checking }),
    output: z.custom<readonly StoredVerdict[]>(),
  },
} satisfies Contract

/** Checks answers from a connection that only has to read. */
export function createVerdictReading(db: Db, traces: TraceStore): Handlers<typeof verdictReading> {
  let current: { key: string; verify: ReturnType<typeof createVerifier> } | null = null
  const verifierOf = async (checking: Checking) => {
    const key = keyOf(checking)
    if (current?.key !== key) current = { key, verify: createVerifier(await latexParser(), checking) }
    return current
  }
  return {
    'verdicts.pending': ({ filter, checking, force }) => unchecked(db, filter, keyOf(checking), force),
    async 'verdicts.check'({ ids, checking }) {
      const { key, verify } = await verifierOf(checking)
      return traces.page({ ids }, 0, ids.length).map(({ row, ...trace }) => {
        const answered: Answered = { ...trace, prompt: row.prompt }
        return { traceId: row.id, checking: key, verdict: verify(answered) }
      })
    },
  }
}

const keyOf = (checking: Checking): string =>
  createHash('sha256').update(checkingKey(checking)).digest('hex').slice(0, 16)
