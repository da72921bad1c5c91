import { z } from 'zod'
import { Checking } from '../domain/answers/checking.ts'
import type { Contract } from './contract.ts'
import { Empty } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** Whether answers are right, as Cairn's checkers see it, beside what files say. */
export const verdicts = {
  /** Checks the answers of traces that have no verdict of the workspace's way of checking, or of all with `force`. */
  'verdicts.start': {
    input: z.object({ filter: Filter.default({}), force: z.boolean().default(false) }),
    output: Job,
  },
  'verdicts.checking': { input: Empty, output: Checking },
  /** Changes how this workspace checks. Verdicts stay until the next check makes them anew. */
  'verdicts.setChecking': { input: Checking, output: Checking },
} satisfies Contract
