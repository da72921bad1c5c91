import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { Db } from '../db/connection.ts'
import { createModelSums } from '../db/model-sums.ts'
import {
  findModel,
  listModels,
  readManifest,
  unreadableModels,
  type ModelFolders,
} from '../inference/models.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { recountAll } from './recount.ts'

interface Deps {
  db: Db
  path: string
  store: ClassificationStore
  jobs: Jobs
  models: ModelFolders
}

const RecountInput = z.object({ model: z.string(), version: z.string() })

/** Papers of models, and the thresholds that the workspace counts by. */
export function createModels({ db, path, store, jobs, models }: Deps) {
  const sums = createModelSums(db)
  const find = (model: string, version: string) => {
    const found = sums.find(model, version)
    if (found === null)
      throw new CairnError('not_found', `The workspace has no predictions of ${model} ${version}.`, { model })
    return found
  }

  /** Its own thresholds; of a model that is not here any more what they were is not known. */
  const ownThresholds = (model: string, version: string): number[] => {
    const found = listModels(models).find((one) => one.id === model && one.version === version)
    if (found !== undefined) return found.thresholds
    throw new CairnError(
      'model_missing',
      `${model} ${version} is not installed any more, so its own thresholds are not known. Set them by hand.`,
      { model },
    )
  }

  const recount = async (input: Json, context: JobContext): Promise<Json> => {
    const { model, version } = RecountInput.parse(input)
    const { id, thresholds } = find(model, version)
    const total = sums.predicted().find((one) => one.model === model && one.version === version)?.shown ?? 0
    context.report({ done: 0, total, unit: 'traces', note: `${model} ${version}` })
    const done = await recountAll(path, context, (after) => store.recount(id, thresholds, after))
    return { traces: done, model, version }
  }
  jobs.register('recount', recount, 'classify')

  const handlers: Pick<ApiHandlers, 'models.unreadable' | 'models.card' | 'models.thresholds'> = {
    'models.unreadable': () =>
      unreadableModels(models).map(({ problem, ...one }) => ({ ...one, problem: problem.message })),

    'models.card'({ model }) {
      const { path: folder } = findModel(models, model, 'any')
      const file = join(folder, 'CARD.md')
      const { metrics } = readManifest(folder)
      const scores = BEHAVIOURS.flatMap((behaviour) => {
        const found = metrics?.behaviours[behaviour]
        return found === undefined ? [] : [[behaviour, found] as const]
      })
      return {
        card: existsSync(file) ? readFileSync(file, 'utf8') : null,
        metrics: scores.length === 0 ? null : Object.fromEntries(scores),
        split: metrics?.split ?? '',
      }
    },

    'models.thresholds'({ model, version, thresholds }) {
      const { id } = find(model, version)
      store.setThresholds(id, thresholds ?? ownThresholds(model, version), thresholds !== null)
      return jobs.start('recount', { model, version })
    },
  }
  return { handlers }
}
