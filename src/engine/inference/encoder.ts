import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { packWindows } from '#shared/domain/encoder/batches.ts'
import { stepPieces, windowsOf, type Window } from '#shared/domain/encoder/windows.ts'
import { createWordPieces, type WordPieces } from '#shared/domain/encoder/word-pieces.ts'
import { fileFor, type EncoderManifest } from '#shared/domain/models/manifest.ts'
import { CairnError } from '#shared/errors.ts'
import { createBatching } from './batching.ts'
import { physicalCores } from './cores.ts'
import { createHashedNgrams, type HashedNgrams, type HashedNgramsReading } from './hashed-ngrams.ts'
import { pathFor, readManifest } from './models.ts'
import { ort } from './onnxruntime.ts'
import type { Loading } from './protocol.ts'
import { failed, openSession } from './provider.ts'
import type { SegmentedTrace, StepEncoder, StepLook, StepModel } from './step-model.ts'

/** Word pieces given to the encoder at once: every window alone, and as many as keep a graphics card busy. */
const [ALONE, MANY] = [1, 65_536]
/** Steps given to the head at once, padding counted; a longer trace goes alone. */
const HEAD_STEPS = 2048

/** Probabilities of the other model enter as logits within ±LOGIT, divided by it. */
const LOGIT = 8
const CERTAIN = 1e-7

/**
 * A pretrained encoder over windows of steps, and a recurrent layer over the steps of the trace that also reads what
 * the hashed n-grams say.
 * @throws CairnError `model_missing`, `model_invalid`, `inference_failed`
 */
export async function createEncoder(
  manifest: EncoderManifest,
  request: Loading,
): Promise<StepModel & StepEncoder> {
  const { modelDir, device, threads, precision, batch } = request
  const pieces = wordPiecesOf(manifest, modelDir)
  const fast = await fastOf(manifest, request)
  const { session: encoder, info } = await openSession(
    pathFor(modelDir, manifest.files.encoder, precision),
    device,
    1,
  )
  const { session: head } = await openSession(pathFor(modelDir, manifest.files.head), 'cpu', 1)
  const { width, windows: config } = manifest
  const heads = headsOf(manifest, modelDir)
  // 8-bit activations are scaled by what is in a run, so that only alone a window means the same in any company. On the
  // CPU each core runs a process of its own, and one thread with a small run is quicker than two with a large one.
  const alone = info.provider === 'cpu' || precision === 'int8'
  const inBatches = createBatching(alone ? ALONE : (batch ?? MANY))
  const together = createBatching(HEAD_STEPS)

  /** Vectors of the own steps of each window, in their order. */
  const encode = async (windows: readonly Window[]): Promise<Float32Array[]> => {
    const { ids, mask, pool, windows: n, pieces: t, steps } = packWindows(windows, config.pad)
    const { vectors } = await encoder.run({
      ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [n, t]),
      mask: new ort.Tensor('int32', mask, [n, t]),
      pool: new ort.Tensor('float32', pool, [n, steps, t]),
    })
    const all = vectors!.data as Float32Array
    return windows.map(({ spans }, row) =>
      all.subarray(row * steps * width, (row * steps + spans.length) * width),
    )
  }

  /** Vectors of the steps of each trace. */
  const vectorsOf = async (traces: readonly SegmentedTrace[]): Promise<Float32Array[]> => {
    const vectors = traces.map(({ bounds }) => new Float32Array((bounds.length / 2) * width))
    const windows = traces.flatMap(({ response, bounds }, trace) =>
      windowsOf(stepPieces(response, bounds, pieces, config), config).map((window) => ({ trace, window })),
    )
    await inBatches(
      windows,
      ({ window }) => window.ids.length,
      (batch) => encode(batch.map(({ window }) => window)),
      ({ trace, window }, found) => vectors[trace]!.set(found, window.first * width),
    ).catch((cause: unknown) => {
      throw failed(manifest.id, info.provider, cause)
    })
    return vectors
  }

  /** Probabilities and features of several traces from their vectors and what the hashed n-grams say of them. */
  const conclude = async (
    parts: readonly { vectors: Float32Array; fast: HashedNgramsReading; steps: number }[],
  ) => {
    const steps = Math.max(...parts.map((part) => part.steps))
    const dense = parts[0]!.fast.dense.length / parts[0]!.steps + BEHAVIOURS.length
    const vectors = new Float32Array(parts.length * steps * width)
    const features = new Float32Array(parts.length * steps * dense)
    parts.forEach((part, row) => {
      vectors.set(part.vectors, row * steps * width)
      features.set(denseOf(part.fast, part.steps), row * steps * dense)
    })
    const { probabilities, features: read } = await head.run({
      vectors: new ort.Tensor('float32', vectors, [parts.length, steps, width]),
      dense: new ort.Tensor('float32', features, [parts.length, steps, dense]),
      lengths: new ort.Tensor(
        'int32',
        Int32Array.from(parts, (part) => part.steps),
        [parts.length],
      ),
    })
    const cut = (all: Float32Array) => {
      const each = all.length / parts.length
      return parts.map((part, index) => all.slice(index * each, index * each + (each / steps) * part.steps))
    }
    const [said, seen] = [cut(probabilities!.data as Float32Array), cut(read!.data as Float32Array)]
    return parts.map((_, index) => ({ probabilities: said[index]!, features: seen[index]! }))
  }

  const read = async (traces: readonly SegmentedTrace[]): Promise<Reading[]> => {
    const readings = await fast.read(traces)
    const vectors = await vectorsOf(traces)
    const results: Reading[] = traces.map((_, index) => ({
      probabilities: new Float32Array(0),
      features: new Float32Array(0),
      fast: readings[index]!,
    }))
    const stepsOf = (index: number) => traces[index]!.bounds.length / 2
    await together(
      [...traces.keys()].filter((index) => stepsOf(index) > 0),
      stepsOf,
      (batch) =>
        conclude(
          batch.map((index) => ({
            vectors: vectors[index]!,
            fast: readings[index]!,
            steps: stepsOf(index),
          })),
        ),
      (index, found) => Object.assign(results[index]!, found),
    ).catch((cause: unknown) => {
      throw failed(manifest.id, 'cpu', cause)
    })
    return results
  }

  /** What the ensemble says of steps whose features are known. */
  const ask = async ({ features, fast: { probabilities } }: Reading): Promise<StepLook> => {
    const steps = probabilities.length / BEHAVIOURS.length
    if (steps === 0) return { features, logits: new Float32Array(0) }
    const session = await heads!.session()
    const { logits } = await session
      .run({
        features: new ort.Tensor('float32', features, [steps, heads!.width]),
        fast: new ort.Tensor('float32', probabilities.map(scaledLogit), [steps, BEHAVIOURS.length]),
      })
      .catch((cause: unknown) => {
        throw failed(manifest.id, 'cpu', cause)
      })
    return { features, logits: logits!.data as Float32Array }
  }

  return {
    info: { ...info, threads, processes: info.provider === 'cuda' ? 1 : (threads ?? physicalCores()) },
    width,
    vectors: vectorsOf,
    predict: async (traces) => (await read(traces)).map(({ probabilities }) => probabilities),
    ...(heads !== null && {
      async look(traces: readonly SegmentedTrace[]) {
        const looks: StepLook[] = []
        for (const reading of await read(traces)) looks.push(await ask(reading))
        return looks
      },
    }),
    async release() {
      await Promise.all([encoder.release(), head.release(), fast.release(), heads?.release()])
    },
  }
}

/** What the network computes of a trace's steps. */
interface Reading {
  probabilities: Float32Array
  features: Float32Array
  fast: HashedNgramsReading
}

/** The ensemble of output layers, loaded when it is first asked; null where the model has none. */
function headsOf({ id, heads, files }: EncoderManifest, modelDir: string) {
  if (heads === undefined || files.heads === undefined) return null
  const file = files.heads
  let opened: Promise<InferenceSession> | null = null
  return {
    width: heads.width,
    session: () => {
      const features = fileFor(files.head, 'cpu')?.sha256
      if (heads.features !== features)
        throw new CairnError(
          'model_invalid',
          `The heads of ${id} were fitted on other features than it computes. Copy the model again.`,
          { model: id },
        )
      opened ??= openSession(pathFor(modelDir, file), 'cpu', 1).then(({ session }) => session)
      return opened
    },
    release: async () => (await opened)?.release(),
  }
}

/** Dense features of each step with the logits of the hashed n-grams after them. */
function denseOf({ dense, probabilities }: HashedNgramsReading, steps: number): Float32Array {
  const [left, right] = [dense.length / steps, probabilities.length / steps]
  const joined = new Float32Array(steps * (left + right))
  for (let step = 0; step < steps; step++) {
    const at = step * (left + right)
    joined.set(dense.subarray(step * left, (step + 1) * left), at)
    for (let column = 0; column < right; column++)
      joined[at + left + column] = scaledLogit(probabilities[step * right + column]!)
  }
  return joined
}

function scaledLogit(probability: number): number {
  const p = Math.min(1 - CERTAIN, Math.max(CERTAIN, probability))
  return Math.min(LOGIT, Math.max(-LOGIT, Math.log(p / (1 - p)))) / LOGIT
}

function wordPiecesOf({ id, files }: EncoderManifest, modelDir: string): WordPieces {
  try {
    return createWordPieces(
      JSON.parse(readFileSync(pathFor(modelDir, files.tokenizer)('cpu')!, 'utf8')) as object,
    )
  } catch (cause) {
    if (cause instanceof CairnError) throw cause
    throw new CairnError(
      'model_invalid',
      `The tokenizer of ${id} cannot be used: ${(cause as Error).message}. Copy the model again.`,
      { model: id },
      { cause },
    )
  }
}

/** The model beside this one whose features and probabilities it was trained on. */
function fastOf({ id, fast }: EncoderManifest, request: Loading): Promise<HashedNgrams> {
  const folder = join(dirname(request.modelDir), fast.id)
  const manifest = readManifest(folder)
  if (manifest.kind !== 'hashed-ngrams' || manifest.version !== fast.version)
    throw new CairnError(
      'model_invalid',
      `${id} was trained with ${fast.id} ${fast.version}, but ${folder} holds ${manifest.id} ${manifest.version}. Copy both models from one version of Cairn.`,
      { model: id },
    )
  // It is quick on one core, and a second pool of threads would be in the way of the encoder's.
  return createHashedNgrams(manifest, { ...request, modelDir: folder, device: 'cpu', threads: 1 })
}
