import type { ProviderInfo } from '#shared/contract/classify.ts'

/** A trace cut into steps: `bounds` are `[start0, end0, …]`, UTF-16 within the response. */
export interface SegmentedTrace {
  prompt: string
  response: string
  bounds: Uint32Array
}

/** What an ensemble of output layers reads and says of a trace's steps. */
export interface StepLook {
  /** Steps × features, row-major. */
  features: Float32Array
  /** Logits, steps × heads × behaviours, row-major. */
  logits: Float32Array
}

/** A model of whatever kind: from steps to the probability of each behaviour. */
export interface StepModel {
  readonly info: ProviderInfo
  /**
   * Steps × behaviours of each trace, row-major. A pure function of the texts: the same trace gives the same in any
   * company, up to the rounding of the processor's own sums.
   */
  predict(traces: readonly SegmentedTrace[]): Promise<Float32Array[]>
  /** What output layers read, and what each of an ensemble says; only models that have one. */
  look?(traces: readonly SegmentedTrace[]): Promise<StepLook[]>
  release(): Promise<void>
}

/** A model of whatever kind: from steps to a vector of each, to compare them by. */
export interface StepEncoder {
  readonly info: ProviderInfo
  /** Numbers of a vector. */
  readonly width: number
  /** Steps × `width` of each trace, row-major; pure as `predict` is. Only directions mean something. */
  vectors(traces: readonly SegmentedTrace[]): Promise<Float32Array[]>
  release(): Promise<void>
}
