import type { Command } from 'commander'
import { installCuda } from '#engine/inference/cuda-setup.ts'
import { createProgress } from '../progress.ts'
import { SIGNALS } from '../session.ts'
import { note } from '../terminal.ts'

const HELP = `
onnxruntime comes without its CUDA provider, which is large. This fetches it from where onnxruntime's own installer does,
into a folder of yours that every workspace uses, and says what to do where that cannot be reached; behind a proxy, set
NODE_USE_ENV_PROXY=1 beside HTTPS_PROXY. An NVIDIA driver and the CUDA that the provider is built for are the machine's
own affair: "cairn doctor" says which of them are missing. The Models view of the window does the same.

Examples:
  cairn setup-cuda                    fetch it
  cairn setup-cuda --from ./provider  take it from a folder, on a machine without a network`

export function setupCudaCommand(program: Command): void {
  program
    .command('setup-cuda')
    .summary('add the CUDA provider, to run models on an NVIDIA card')
    .option('--from <folder>', 'take its files from a folder, in place of those that are there')
    .addHelpText('after', HELP)
    .action(async ({ from }: { from?: string }) => {
      const progress = createProgress('Fetching')
      const stop = new AbortController()
      for (const signal of SIGNALS) process.once(signal, () => stop.abort())
      const added = await installCuda(from ?? null, {
        tell: (done, total) => progress.show({ done, total, unit: 'bytes', traces: 0, note: '' }),
        signal: stop.signal,
      }).finally(() => progress.done())
      note(added.length === 0 ? 'The CUDA provider is there already.' : `Added ${added.join(', ')}.`)
      note('"cairn doctor" says whether models run on CUDA now.')
    })
}
