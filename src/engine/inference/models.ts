import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelInfo } from '#shared/contract/classify.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'

export const DEFAULT_MODEL = 'cairn-fast'

/** The part of a model's manifest that every kind of model has. */
const Manifest = z.looseObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  version: z.string(),
  title: z.string().optional(),
  behaviours: z.array(z.string()),
  thresholds: z.record(z.enum(BEHAVIOURS), z.number().min(0).max(1)),
  sha256: z.string(),
})

/** Models in a folder, one sub-folder each; folders without a readable manifest are left out. */
export function listModels(modelsDir: string): ModelInfo[] {
  if (!existsSync(modelsDir)) return []
  return readdirSync(modelsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(modelsDir, entry.name, 'manifest.json')))
    .map((entry) => readModel(join(modelsDir, entry.name)))
    .sort((a, b) => a.id.localeCompare(b.id))
}

/** @throws CairnError `model_missing` */
export function findModel(modelsDir: string, id = DEFAULT_MODEL): ModelInfo {
  const model = listModels(modelsDir).find((candidate) => candidate.id === id)
  if (model === undefined)
    throw new CairnError(
      'model_missing',
      `There is no model "${id}" in ${modelsDir}. "cairn doctor" lists the models.`,
      { id },
    )
  return model
}

function readModel(path: string): ModelInfo {
  const manifest = readManifest(path)
  return {
    id: manifest.id,
    version: manifest.version,
    title: manifest.title ?? manifest.id,
    path,
    bytes: statSync(join(path, 'model.onnx'), { throwIfNoEntry: false })?.size ?? 0,
    thresholds: BEHAVIOURS.map((behaviour) => manifest.thresholds[behaviour]),
  }
}

/** @throws CairnError `model_invalid` when the manifest does not fit this Cairn */
export function readManifest(path: string): z.infer<typeof Manifest> {
  const invalid = (why: string) =>
    new CairnError('model_invalid', `The model in ${path} cannot be used: ${why}.`, { path })
  let json: unknown
  try {
    json = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))
  } catch (cause) {
    throw invalid(`its manifest.json cannot be read (${(cause as Error).message})`)
  }
  const parsed = Manifest.safeParse(json)
  if (!parsed.success) throw invalid(`its manifest.json is not one (${z.prettifyError(parsed.error)})`)
  if (parsed.data.behaviours.join() !== BEHAVIOURS.join())
    throw invalid(
      `it predicts ${parsed.data.behaviours.join(', ')} where Cairn expects ${BEHAVIOURS.join(', ')}`,
    )
  return parsed.data
}

/**
 * The model's ONNX file, checked against its manifest, so that a torn copy is found before it is run.
 * @throws CairnError `model_invalid`
 */
export function verifiedOnnxPath(path: string): string {
  const file = join(path, 'model.onnx')
  const expected = readManifest(path).sha256
  let actual: string
  try {
    actual = createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (cause) {
    throw new CairnError('model_invalid', `${file} cannot be read: ${(cause as Error).message}.`, { path })
  }
  if (actual !== expected)
    throw new CairnError(
      'model_invalid',
      `${file} is not the file its manifest describes (SHA-256 ${actual.slice(0, 12)}…, expected ${expected.slice(0, 12)}…). Copy the model again.`,
      { path },
    )
  return file
}
