import type { Verdict } from '#shared/domain/answers/index.ts'
import type { InterchangeOwn } from '#shared/domain/interchange/types.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Json, Message } from '#shared/domain/trace.ts'

/** A person's label as it leaves the store; offsets are UTF-16 code units of the response. */
export interface ExportAnnotation {
  start: number
  end: number
  behaviour: Behaviour
  verdict: 'present' | 'absent'
  annotator: string
  at: string
  target: { start: number; end: number } | null
  note: string
}

/** A trace with everything an exporter may write. Offsets are UTF-16 code units of the response. */
export interface ExportTrace {
  id: number
  run: string
  checkpoint: number | null
  key: string | null
  sample: number | null
  prompt: string
  messages: readonly Message[] | null
  response: string
  reference: string | null
  reward: number | null
  correct: boolean | null
  /** Cairn's verdict on the answer, beside what the file says; null where it was not checked. */
  verdict: Verdict | null
  truncated: boolean | null
  tokens: number | null
  metadata: { readonly [key: string]: Json }
  /** SHA-256 of the response, hex. */
  textHash: string
  /** Step boundaries `[start0, end0, …]`; null when the trace is not classified. */
  bounds: Uint32Array | null
  segmenter: number | null
  prediction: {
    model: string
    version: string
    /** steps × behaviours, row-major. */
    probabilities: Float32Array
    thresholds: readonly number[]
  } | null
  annotations: readonly ExportAnnotation[]
  /** Behaviours of people's own. */
  own: InterchangeOwn
}
