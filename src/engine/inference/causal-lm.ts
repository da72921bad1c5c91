import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ProviderInfo } from '#shared/contract/classify.ts'
import { joined } from '#shared/domain/joined.ts'
import type { CausalLmManifest } from '#shared/domain/models/manifest.ts'
import { scoringWindows, windowOf, type ScoringWindow } from '#shared/domain/surprisal/scoring-windows.ts'
import { tokenEnds } from '#shared/domain/surprisal/token-ends.ts'
import { createBatching } from './batching.ts'
import { foreignPath, openTokenizer, tokenFeed } from './foreign.ts'
import { ort } from './onnxruntime.ts'
import type { Loading, ScoredBatch } from './protocol.ts'
import { failed, openSession } from './provider.ts'

/** Tokens given to the model at once, padding counted. */
const RUN_TOKENS = { cpu: 2048, cuda: 16_384 }
/** Numbers that a run of several windows may answer with; a longer window goes alone. */
const RUN_LOGITS = 2 ** 26

interface Scored {
  surprisal: Float32Array
  entropy: Float32Array
}

/**
 * A causal language model of another maker, which says of every token of a response how surprising it is after the
 * prompt and what stands before it (teacher forcing). What is longer than it can read is read in windows, each with at
 * least half a window of text before the tokens it is asked about.
 * @throws CairnError `model_invalid`, `inference_failed`
 */
export async function createCausalLm(
  manifest: CausalLmManifest,
  { modelDir, device, threads, batch }: Loading,
): Promise<{
  info: ProviderInfo
  score(traces: readonly { prompt: string; response: string }[]): Promise<ScoredBatch>
  release(): Promise<void>
}> {
  const { ids: read, token, byBytes } = openTokenizer(manifest, modelDir)
  const { session, info } = await openSession(foreignPath(manifest, modelDir), device, threads)
  const { output, vocabulary, start } = manifest
  const window = windowOf(manifest)
  const inBatches = createBatching(
    Math.min(batch ?? RUN_TOKENS[info.provider], Math.floor(RUN_LOGITS / vocabulary)),
  )

  const run = async (windows: readonly ScoringWindow[]): Promise<Scored[]> => {
    const rows = windows.map(({ ids }) => ids)
    const longest = Math.max(...rows.map((row) => row.length))
    const found = await session.run({ ...tokenFeed(rows, manifest), ...emptyPast(session, rows.length) }, [
      output,
    ])
    const logits = found[output]?.data
    if (!(logits instanceof Float32Array) || logits.length !== rows.length * longest * vocabulary)
      throw new Error(`its output "${output}" is not ${vocabulary} numbers for each token`)
    return windows.map(({ ids, from }, at) => {
      const count = ids.length - from
      const scored = { surprisal: new Float32Array(count), entropy: new Float32Array(count) }
      for (let index = 0; index < count; index++) {
        const before = (at * longest + from + index - 1) * vocabulary
        const [surprisal, entropy] = bitsOf(logits.subarray(before, before + vocabulary), ids[from + index]!)
        scored.surprisal[index] = surprisal
        scored.entropy[index] = entropy
      }
      return scored
    })
  }

  return {
    info,
    async score(traces) {
      const texts = traces.map(({ prompt, response }) => {
        const own = read(response)
        const scores = new Float32Array(own.length).fill(NaN)
        const before = [...(start === null ? [] : [start]), ...read(prompt)]
        return { response, own, before, surprisal: scores, entropy: scores.slice() }
      })
      const windows = texts.flatMap(({ before, own }, trace) =>
        scoringWindows([...before, ...own], before.length, window).map((one) => ({ trace, one })),
      )
      await inBatches(
        windows,
        ({ one }) => one.ids.length,
        (batch) => run(batch.map(({ one }) => one)),
        ({ trace, one }, found) => {
          const { before, surprisal, entropy } = texts[trace]!
          const first = one.first + one.from - before.length
          surprisal.set(found.surprisal, first)
          entropy.set(found.entropy, first)
        },
      ).catch((cause: unknown) => {
        throw failed(manifest.id, info.provider, cause)
      })
      return {
        tokens: Uint32Array.from(texts, ({ own }) => own.length),
        ends: joined(
          Uint32Array,
          texts.map(({ response, own }) => tokenEnds(response, own.map(token), byBytes)),
        ),
        surprisal: joined(
          Float32Array,
          texts.map(({ surprisal }) => surprisal),
        ),
        entropy: joined(
          Float32Array,
          texts.map(({ entropy }) => entropy),
        ),
      }
    },
    release: () => session.release(),
  }
}

/** −log₂ p of a token and the entropy of the distribution, both in bits, by the log-sum-exp of the logits. */
function bitsOf(logits: Float32Array, id: number): [surprisal: number, entropy: number] {
  let largest = -Infinity
  for (const logit of logits) if (logit > largest) largest = logit
  let [sum, weighted] = [0, 0]
  for (const logit of logits) {
    const weight = Math.exp(logit - largest)
    sum += weight
    weighted += weight * (logit - largest)
  }
  const log = Math.log(sum)
  return [(log - (logits[id]! - largest)) / Math.LN2, (log - weighted / sum) / Math.LN2]
}

/** Keys and values of no tokens at all, for exports that can go on from earlier ones. */
function emptyPast(session: InferenceSession, rows: number): Record<string, Tensor> {
  return Object.fromEntries(
    session.inputMetadata.flatMap((port) => {
      if (!port.isTensor || !port.name.startsWith('past_key_values.')) return []
      const [, heads, , width] = port.shape
      if (typeof heads !== 'number' || typeof width !== 'number' || port.type !== 'float32')
        throw new Error(`its input ${port.name} is of a kind that cannot be given empty`)
      return [[port.name, new ort.Tensor('float32', new Float32Array(0), [rows, heads, 0, width])]]
    }),
  )
}
