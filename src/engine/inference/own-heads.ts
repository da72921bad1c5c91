import { ort } from './onnxruntime.ts'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { InferenceSession } from 'onnxruntime-node'
import { z } from 'zod'
import { CairnError } from '#shared/errors.ts'
import { openOnCpu } from './provider.ts'
import type { StepLook } from './step-model.ts'

/** A head of a person's own: an ONNX file that reads the features of a model. */
export const OwnHeadFile = z.object({ file: z.string(), sha256: z.string() })
export type OwnHeadFile = z.infer<typeof OwnHeadFile>

/** The head that was used last; a job uses one for all its traces. */
let kept: { sha256: string; session: InferenceSession } | null = null

async function sessionOf({ file, sha256 }: OwnHeadFile): Promise<InferenceSession> {
  if (kept?.sha256 === sha256) return kept.session
  const damaged = (why: string) =>
    new CairnError('model_invalid', `${file} cannot be used: ${why}. Train the behaviour again.`, { file })
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw damaged((cause as Error).message)
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged('it was changed')
  await kept?.session.release()
  kept = null
  const session = await openOnCpu(bytes, 1)
  kept = { sha256, session }
  return session
}

/**
 * Probabilities of the steps of each trace.
 * @throws CairnError `model_invalid` when the file is not the one that was trained
 */
export async function applyOwnHead(
  head: OwnHeadFile,
  looks: readonly StepLook[],
  width: number,
): Promise<Float32Array[]> {
  const session = await sessionOf(head)
  const said: Float32Array[] = []
  for (const { features } of looks) {
    const steps = features.length / width
    if (steps === 0) {
      said.push(new Float32Array(0))
      continue
    }
    const { probabilities } = await session.run({
      features: new ort.Tensor('float32', features, [steps, width]),
    })
    said.push((probabilities!.data as Float32Array).slice())
  }
  return said
}
