import type { ProviderInfo } from '#shared/contract/classify.ts'

/** What can be done to have a model run on the graphics card; null where nothing is to be done. */
export function adviceFor({ cause, advice }: ProviderInfo): string | null {
  if (advice !== null) return advice
  if (cause === 'asked') return 'To use a graphics card, choose Automatic under Settings, Runs on.'
  return cause === 'machine' ? 'The command "cairn doctor" looks more closely.' : null
}
