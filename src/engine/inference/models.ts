import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelInfo, Precision } from '#shared/contract/classify.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import {
  fileFor,
  ModelManifest,
  tasksOf,
  type AdaptedManifest,
  type ModelFile,
  type ProvidedFile,
  type ProviderName,
  type Task,
} from '#shared/domain/models/manifest.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { LoadRequest } from './protocol.ts'

/** The most exact model: what a person reads and corrects is its. */
export const LABELLING_MODEL = 'cairn-accurate'
/** The quickest: whole corpora on a CPU. */
export const FILTERING_MODEL = 'cairn-fast'

/** Folders that hold models, one sub-folder each: those that come with Cairn first, then a workspace's own. */
export type ModelFolders = readonly [builtIn: string, ...own: string[]]

/** What a model's folder says of it. */
export type ModelFacts = Omit<ModelInfo, 'standard'>

/** A folder with a manifest that cannot be read; its name stands for the model's. */
interface UnreadableModel extends Pick<ModelFacts, 'id' | 'path' | 'builtIn'> {
  problem: CairnError
}

/** Models at hand; of two with the same name the first folder's. What cannot be read takes none of the others away. */
function lookInto(folders: ModelFolders): { models: ModelFacts[]; unreadable: UnreadableModel[] } {
  const found = new Map<string, ModelFacts>()
  const unreadable: UnreadableModel[] = []
  for (const folder of folders) {
    if (!existsSync(folder)) continue
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (!entry.isDirectory() || entry.name.startsWith('.') || !existsSync(join(path, 'manifest.json')))
        continue
      const builtIn = folder === folders[0]
      try {
        const model = describe(path, builtIn)
        if (!found.has(model.id)) found.set(model.id, model)
      } catch (thrown) {
        const problem = toCairnError(thrown)
        if (problem.code !== 'model_invalid') throw thrown
        unreadable.push({ id: entry.name, path, builtIn, problem })
      }
    }
  }
  return { models: [...found.values()].sort((a, b) => a.id.localeCompare(b.id)), unreadable }
}

/** Models at hand. Sub-folders without a manifest are left out, and those whose manifest cannot be read. */
export const listModels = (folders: ModelFolders): ModelFacts[] => lookInto(folders).models

/** What lies among the models and is none that this Cairn can read, with the reason. */
export const unreadableModels = (folders: ModelFolders): UnreadableModel[] => lookInto(folders).unreadable

/** What a model does, as a message says it. */
const DOES: Record<Task, string> = {
  behaviours: 'tells behaviours',
  vectors: 'makes vectors of steps',
  surprisal: 'says how surprising a text is',
}

/**
 * A model by its id; without one the most exact that is there.
 * @throws CairnError `model_missing`; `model_invalid` when it cannot be read, or do what is wanted of it
 */
export function findModel(folders: ModelFolders, id?: string, task: Task | 'any' = 'behaviours'): ModelFacts {
  const { models, unreadable } = lookInto(folders)
  const wanted = id === undefined ? [LABELLING_MODEL, FILTERING_MODEL] : [id]
  const all = [...models, ...unreadable]
  const model = wanted.map((name) => all.find((one) => one.id === name)).find((one) => one !== undefined)
  if (model === undefined)
    throw new CairnError(
      'model_missing',
      `There is no model "${wanted.at(-1)!}" in ${folders.join(' or ')}. "cairn models list" names those at hand.`,
      { id: wanted.at(-1)! },
    )
  if ('problem' in model) throw model.problem
  if (task !== 'any' && !model.tasks.includes(task))
    throw new CairnError(
      'model_invalid',
      `${model.id} ${model.tasks.map((one) => DOES[one]).join(' and ')}; what is needed is a model that ${DOES[task]}. "cairn models list" says what each can do.`,
      { id: model.id },
    )
  return model
}

function describe(path: string, builtIn: boolean): ModelFacts {
  const manifest = readManifest(path)
  const files = Object.values<ProvidedFile | undefined>(manifest.files).filter((file) => file !== undefined)
  const bytes = (provider: ProviderName) =>
    files.reduce((sum, file) => sum + (fileFor(file, provider)?.bytes ?? 0), 0)
  return {
    id: manifest.id,
    version: manifest.version,
    title: manifest.title,
    kind: manifest.kind,
    tasks: tasksOf(manifest.kind),
    base: manifest.kind === 'adapted' ? manifest.base.id : null,
    builtIn,
    path,
    bytes: bytes('cpu') + dataOf(manifest).reduce((sum, file) => sum + file.bytes, 0),
    heads: headsOf(manifest),
    thresholds: tellsBehaviours(manifest)
      ? BEHAVIOURS.map((behaviour) => manifest.thresholds[behaviour])
      : [],
  }
}

function headsOf(manifest: ModelManifest): number {
  if (manifest.kind === 'encoder') return manifest.heads?.names.length ?? 0
  return manifest.kind === 'adapted' ? (manifest.heads?.heads ?? 0) : 0
}

/**
 * What is to be loaded for a model: its own files, or those of the model it was adapted from.
 * @throws CairnError `model_missing` when that is not there in the same version
 */
export function requestFor(
  folders: ModelFolders,
  { id, path }: Pick<ModelFacts, 'id' | 'path'>,
  place: Required<Pick<LoadRequest, 'device' | 'threads' | 'precision' | 'batch'>>,
): LoadRequest {
  const manifest = readManifest(path)
  if (manifest.kind !== 'adapted') return { modelDir: path, version: manifest.version, ...place }
  const { base, weights, heads } = manifest
  const found = installedBase(listModels(folders), manifest)
  if (found === undefined)
    throw new CairnError(
      'model_missing',
      `${id} was adapted from ${base.id} ${base.version}, which is not installed any more. Adapt it anew.`,
      { id },
    )
  const adaptation = heads === undefined ? { weights } : { heads }
  return { modelDir: found.path, version: base.version, ...place, adaptation }
}

/**
 * Whether what a model needs is among those at hand: an adapted one runs only on the very version that it was learnt on.
 */
export function canRun(models: readonly ModelFacts[], { path }: Pick<ModelFacts, 'path'>): boolean {
  const manifest = readManifest(path)
  return manifest.kind !== 'adapted' || installedBase(models, manifest) !== undefined
}

const installedBase = (models: readonly ModelFacts[], { base }: AdaptedManifest): ModelFacts | undefined =>
  models.find(({ id, version }) => id === base.id && version === base.version)

/** Files with weights beside a model's own. */
function dataOf(manifest: ModelManifest): ModelFile[] {
  const { kind } = manifest
  return kind === 'text-classification' || kind === 'feature-extraction' || kind === 'causal-lm'
    ? manifest.data
    : []
}

type Telling = Exclude<ModelManifest, { kind: 'feature-extraction' | 'causal-lm' }>
const tellsBehaviours = (manifest: ModelManifest): manifest is Telling =>
  tasksOf(manifest.kind).includes('behaviours')

/** @throws CairnError `model_invalid` when the manifest does not fit this Cairn */
export function readManifest(path: string): ModelManifest {
  const invalid = (why: string) =>
    new CairnError('model_invalid', `The model in ${path} cannot be used: ${why}.`, { path })
  let json: unknown
  try {
    json = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))
  } catch (cause) {
    throw invalid(`its manifest.json cannot be read (${(cause as Error).message})`)
  }
  const parsed = ModelManifest.safeParse(json)
  if (!parsed.success) throw invalid(`its manifest.json is not one (${z.prettifyError(parsed.error)})`)
  const told = tellsBehaviours(parsed.data) ? parsed.data.behaviours : [...BEHAVIOURS]
  if (told.join() !== BEHAVIOURS.join())
    throw invalid(`it predicts ${told.join(', ')} where Cairn expects ${BEHAVIOURS.join(', ')}`)
  return parsed.data
}

/**
 * Path of a model's file, checked against its manifest, so that a torn copy is found before it is run.
 * @throws CairnError `model_invalid`
 */
export function verifiedPath(folder: string, { path, bytes, sha256 }: ModelFile): string {
  const file = join(folder, path)
  const damaged = (why: string) =>
    new CairnError(
      'model_invalid',
      `${file} is not the file its manifest describes (${why}). Copy the model again.`,
      {
        path: folder,
      },
    )
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined)
    throw new CairnError('model_invalid', `${file} is missing. Copy the model again.`, { path: folder })
  if (size !== bytes) throw damaged(`${size} bytes, expected ${bytes}`)
  let actual: string
  try {
    actual = createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (cause) {
    throw new CairnError('model_invalid', `${file} cannot be read: ${(cause as Error).message}.`, {
      path: folder,
    })
  }
  if (actual !== sha256) throw damaged(`SHA-256 ${actual.slice(0, 12)}…, expected ${sha256.slice(0, 12)}…`)
  return file
}

/** The processor that each precision is stored for. */
const STORED_FOR = { int8: 'cpu', fp16: 'cuda' } as const

/**
 * How a file of a model is found for a provider: its checked path, or null when the model has none for it.
 * @param precision the one that suits the provider unless another is asked for
 * @throws CairnError `model_invalid`
 */
export const pathFor =
  (folder: string, files: ProvidedFile, precision: Precision = 'auto') =>
  (provider: ProviderName): string | null => {
    const file = fileFor(files, precision === 'auto' ? provider : STORED_FOR[precision])
    return file === null ? null : verifiedPath(folder, file)
  }
