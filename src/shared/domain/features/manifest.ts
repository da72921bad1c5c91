import type { Behaviour } from '../behaviours.ts'
import type { FeatureConfig } from './config.ts'

/** Quality of one behaviour's predictions at the stored threshold, on held-out steps. */
export interface BehaviourMetrics {
  support: number
  precision: number
  recall: number
  f1: number
  /** Average precision: area under the precision-recall curve. */
  ap: number
  /** Expected calibration error, ten bins of equal width. */
  ece: number
}

/** `manifest.json` beside a built-in model's `model.onnx`. */
export interface ModelManifest {
  id: string
  version: string
  kind: 'hashed-ngrams'
  title: string
  /** Order of the output's columns. */
  behaviours: readonly Behaviour[]
  /** A step shows a behaviour when its probability is at or above this. */
  thresholds: Readonly<Record<Behaviour, number>>
  /** Hexadecimal SHA-256 of `model.onnx`. */
  sha256: string
  opset: number
  /** How the training steps were cut: by the labelled files themselves or by a segmenter's version. */
  segmentation: string
  training: {
    traces: number
    steps: number
    problems: number
    sources: readonly string[]
    /** Traces and segments with labels of another kind that the features were also trained on. */
    weakTraces: number
    weakSteps: number
    seed: number
  }
  /** Development set, by behaviour; `sources` by source and behaviour (null: the behaviour is absent). */
  metrics: {
    split: string
    behaviours: Readonly<Record<Behaviour, BehaviourMetrics>>
    sources: Readonly<Record<string, Readonly<Record<Behaviour, BehaviourMetrics | null>>>>
  }
  features: FeatureConfig
}
