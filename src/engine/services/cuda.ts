import { z } from 'zod'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { installCuda } from '../inference/cuda-setup.ts'
import type { InferenceHost } from '../inference/host.ts'
import type { Jobs } from './jobs.ts'

const SetupInput = z.object({ from: z.string().nullable() })

/** Adds the CUDA provider as a job, for people whose installation has no command line. */
export function createCuda({ jobs, inference }: { jobs: Jobs; inference: Pick<InferenceHost, 'renew'> }) {
  jobs.register('setup-cuda', async (input, { signal, report }) => {
    const { from } = SetupInput.parse(input)
    const added = await installCuda(from, { tell: (done, total) => report({ done, total }), signal })
    // Those that run have loaded what was there before.
    inference.renew()
    return { added }
  })

  const handlers: Pick<ApiHandlers, 'models.setupCuda'> = {
    'models.setupCuda': ({ from }) => jobs.start('setup-cuda', { from: from ?? null }),
  }
  return { handlers }
}
