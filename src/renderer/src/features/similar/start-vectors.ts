import type { Job } from '#shared/contract/jobs.ts'
import { CairnError } from '#shared/errors.ts'
import type { Engine } from '../../app/engine.svelte.ts'

/**
 * Starts the job that makes vectors of all steps, by the model that was chosen, else by the one that is shown; where
 * that was removed, by the one that the engine chooses.
 * @throws CairnError `model_missing` when the model that was chosen is not there, `model_invalid`
 */
export async function startVectors(
  engine: Engine,
  { chosen, shown }: { chosen: string | null; shown: string | undefined },
): Promise<Job> {
  const model = chosen ?? shown
  try {
    return await engine.call('similar.start', model === undefined ? {} : { model })
  } catch (thrown) {
    const gone = thrown instanceof CairnError && thrown.code === 'model_missing'
    if (!gone || chosen !== null) throw thrown
    return engine.call('similar.start', {})
  }
}
