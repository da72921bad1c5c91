import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import { findModel, unreadableModels, type ModelFolders } from '../inference/models.ts'

/** Removes models of the workspace's own, which can be put back for as long as the workspace is open. */
export function createModelRemoval(models: ModelFolders) {
  const own = models[1]!
  const removed = join(own, '.removed')
  const kept = (model: string) => {
    const folder = join(removed, model)
    if (dirname(folder) === removed) return folder
    throw new CairnError('bad_request', `"${model}" is no name of a model.`, { model })
  }
  const forget = () => rmSync(removed, { recursive: true, force: true })
  // Those that a killed process has left.
  forget()

  const handlers: Pick<ApiHandlers, 'models.remove' | 'models.restore'> = {
    'models.remove'({ model }) {
      // One that cannot be read goes by its folder's name.
      const unreadable = unreadableModels(models).find(({ id }) => id === model)
      const { id, path, builtIn } = unreadable ?? findModel(models, model, 'any')
      if (builtIn)
        throw new CairnError('conflict', `${model} comes with Cairn and cannot be removed.`, { model })
      rmSync(kept(id), { recursive: true, force: true })
      mkdirSync(removed, { recursive: true })
      renameSync(path, kept(id))
      return { removed: true }
    },
    'models.restore'({ model }) {
      if (!existsSync(kept(model)))
        throw new CairnError('not_found', `There is no removed model "${model}" to put back.`, { model })
      if (existsSync(join(own, model)))
        throw new CairnError(
          'conflict',
          `There is another model called "${model}" by now. Remove that first.`,
          { model },
        )
      renameSync(kept(model), join(own, model))
      return { restored: true }
    },
  }
  return { handlers, forget }
}
