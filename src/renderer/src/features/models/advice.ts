import type { ProviderInfo } from '#shared/contract/classify.ts'

/** What can be done to have a model run on the graphics card; null where nothing is to be done. */
export function adviceFor({ provider, reason }: ProviderInfo): string | null {
  if (provider === 'cuda') return null
  if (/was asked for/.test(reason)) return 'To use a graphics card, choose Automatic under Settings, Runs on.'
  if (/not installed/.test(reason))
    return 'With an NVIDIA card: install its driver, CUDA 12 and cuDNN 9, then run “npm run setup:cuda”. Without one there is nothing to do.'
  if (/library .* is missing/.test(reason))
    return 'Install the NVIDIA driver, CUDA 12 and cuDNN 9, and see that their libraries are found (LD_LIBRARY_PATH, or PATH on Windows).'
  if (/no CUDA provider for this system/.test(reason))
    return 'CUDA is to be had on Linux and Windows with an x64 processor.'
  return 'The command "cairn doctor" looks more closely.'
}
