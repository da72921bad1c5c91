import type { ProviderInfo } from '#shared/contract/classify.ts'

/** What can be done to have a model run on the graphics card; null where nothing is to be done. */
export function adviceFor({ provider, reason, advice }: ProviderInfo): string | null {
  if (advice !== null || provider === 'cuda') return advice
  if (/was asked for/.test(reason)) return 'To use a graphics card, choose Automatic under Settings, Runs on.'
  return /always runs on the CPU/.test(reason) ? null : 'The command "cairn doctor" looks more closely.'
}
