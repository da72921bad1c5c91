import type { UnreadTraces } from '../contract/classify.ts'

/** Which traces a model could not read, and why, as a sentence. */
export const unreadText = ({ reason, traces, ids }: UnreadTraces): string =>
  `${traces === 1 ? '1 trace' : `${traces} traces`} could not be read (${ids.join(', ')}${traces > ids.length ? ', …' : ''}): ${reason}`
