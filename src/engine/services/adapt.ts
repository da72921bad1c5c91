import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { AdaptationResult } from '#shared/contract/models.ts'
import type { Learned, LearnedBehaviour, LearningTrace } from '#shared/domain/adapt/fit.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { carryOver } from '#shared/domain/evaluation/align.ts'
import { saidOfSteps } from '#shared/domain/evaluation/judged.ts'
import type { HeadWeights } from '#shared/domain/learning/reweight.ts'
import type { AdaptedManifest } from '#shared/domain/models/manifest.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { TraceStore } from '../db/traces.ts'
import type { InferenceHost } from '../inference/host.ts'
import { createAtomicFile } from '../exporters/atomic.ts'
import {
  canRun,
  findModel,
  listModels,
  readManifest,
  requestFor,
  type ModelFacts,
  type ModelFolders,
} from '../inference/models.ts'
import { ahead } from './ahead.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { fromWorkspace, throughout, type LabelledItem } from './labelled-traces.ts'
import type { createLearning } from './learning.ts'
import type { Looks } from './looks.ts'
import { orStopped } from './or-stopped.ts'
import { Placed, placeOf, type Placement } from './placement.ts'

type Learning = ReturnType<typeof createLearning>

interface Deps {
  jobs: Jobs
  inference: InferenceHost
  models: ModelFolders
  traces: TraceStore
  annotations: AnnotationStore
  classifications: Pick<ClassificationStore, 'versionsOf'>
  clock: Clock
  looks: Looks
  place: Placement
  /** Judged steps as an ensemble's heads see them. */
  examples: Learning['examples']
}

const AdaptInput = Placed.extend({
  model: z.string().optional(),
  judged: z.boolean(),
  annotator: z.string().nullable().default(null),
})

/** Learns from the labels of the workspace; the model that comes of it lies in the workspace. */
export function createAdapt(deps: Deps) {
  const { jobs, inference, models, traces, annotations, classifications, clock, looks, place, examples } =
    deps
  /** A model, or the one that it was adapted from: what was learnt before is learnt anew. */
  const baseOf = (id: string | undefined): ModelFacts => {
    const model = findModel(models, id)
    return model.base === null ? model : findModel(models, model.base)
  }

  const run = async (input: Json, context: JobContext): Promise<Json> => {
    const { model: id, judged, annotator, ...rest } = AdaptInput.parse(input)
    const base = baseOf(id)
    const manifest = readManifest(base.path)
    if (manifest.kind === 'encoder' && manifest.heads !== undefined && judged)
      return weigh(base, annotator, placeOf(rest), context)
    if (annotator !== null)
      throw new CairnError(
        'bad_request',
        `${base.id} learns from everybody's labels only; cairn-accurate learns from one person's.`,
      )
    return regress(base, judged, placeOf(rest), context)
  }

  /** Weighs the heads of the model's ensemble. */
  const weigh = async (
    base: ModelFacts,
    annotator: string | null,
    where: Placed,
    context: JobContext,
  ): Promise<Json> => {
    const of = looks.ensemble(base.id, where)
    context.report({ total: null, unit: 'traces', note: `${base.id} ${base.version}` })
    const told = await orStopped(examples(of, annotator, context), context.signal)
    if (told === null) return null
    const { found } = told
    if (found.length === 0) throw nothingLabelled(annotator)
    const { behaviours, ...heads } = await inference.learnHeads(
      of.names.length,
      found,
      base.thresholds,
      context.signal,
    )
    const gained = behaviours.some(({ kept }) => kept)
    const learned = { weights: [], heads, behaviours }
    const model =
      gained && !context.signal.aborted ? await keep(base, learned, found.length, annotator) : null
    return answer(model, base, found, behaviours, annotator)
  }

  /** Puts regressions on the model's logits. */
  const regress = async (
    base: ModelFacts,
    judged: boolean,
    where: Placed,
    { signal, report }: JobContext,
  ): Promise<Json> => {
    const loaded = await inference.load(requestFor(models, base, where), signal)
    const source = fromWorkspace(traces, annotations, judged ? saidOfSteps : throughout)
    report({ total: source.total, unit: 'traces', note: `${base.id} ${base.version}` })
    const classify = async ({ trace, done }: LabelledItem) =>
      trace && { trace, done, said: await loaded.classify([trace]) }
    const learning: LearningTrace[] = []
    for await (const read of ahead(source.items(), loaded.info.processes + 1, classify)) {
      if (signal.aborted) break
      if (read === null) continue
      const { trace, done, said } = read
      learning.push({
        group: trace.problem,
        labels: trace.labels,
        probabilities: carryOver(said.bounds, said.probabilities, BEHAVIOURS.length, trace.bounds),
      })
      report({ done, traces: done })
    }
    if (learning.length === 0) throw nothingLabelled(null)
    const learned = await inference.learn(learning, base.thresholds, signal)
    const gained = learned.behaviours.some(({ kept }) => kept)
    const model = gained && !signal.aborted ? await keep(base, learned, learning.length, null) : null
    return answer(model, base, learning, learned.behaviours, null)
  }

  const answer = (
    model: string | null,
    base: ModelFacts,
    learning: readonly { group: string }[],
    behaviours: readonly LearnedBehaviour[],
    annotator: string | null,
  ): AdaptationResult => {
    const earlier = adaptedId(base, annotator)
    const all = listModels(models)
    const standing = all.find((one) => one.id === earlier)
    const stands = model === null && standing !== undefined && canRun(all, standing)
    return {
      ...result(model, base.id, learning.length, behaviours, annotator),
      problems: new Set(learning.map(({ group }) => group)).size,
      standing: stands ? earlier : null,
    }
  }

  /** Writes the adapted model, whole or not at all. */
  const keep = async (
    base: ModelFacts,
    learned: Learned & { heads?: HeadWeights },
    count: number,
    annotator: string | null,
  ): Promise<string> => {
    const id = adaptedId(base, annotator)
    const folder = join(models[1]!, id)
    // One that was removed counts too: what it said is still stored under its version.
    const standing = listModels(models).find((one) => one.id === id)
    const known = [...classifications.versionsOf(id), ...(standing === undefined ? [] : [standing.version])]
    const before = Math.max(0, ...known.map(adaptationOf))
    const content = {
      thresholds: Object.fromEntries(
        BEHAVIOURS.map((behaviour, index) => [behaviour, learned.behaviours[index]!.threshold]),
      ) as Record<Behaviour, number>,
      weights: [...learned.weights],
      ...(learned.heads && {
        heads: { ...learned.heads, weights: [...learned.heads.weights], shifts: [...learned.heads.shifts] },
      }),
    }
    const manifest: AdaptedManifest = {
      id,
      version: `${base.version}+${before + 1}.${digitsOf(content)}`,
      kind: 'adapted',
      title: annotator === null ? `${base.title}, adapted` : `${base.title}, as ${annotator} labels`,
      behaviours: [...BEHAVIOURS],
      files: {},
      base: { id: base.id, version: base.version },
      ...content,
      annotator,
      learned: learned.behaviours.map(({ threshold: _, ...told }) => told),
      traces: count,
      at: clock.now(),
    }
    mkdirSync(folder, { recursive: true })
    const file = await createAtomicFile(join(folder, 'manifest.json'), { overwrite: true })
    try {
      await file.write(Buffer.from(JSON.stringify(manifest, null, 2)))
      await file.close()
      await file.commit()
    } catch (thrown) {
      await file.abort()
      throw thrown
    }
    return id
  }
  jobs.register('adapt', run)

  const handlers: Pick<ApiHandlers, 'models.adapt' | 'models.learned'> = {
    'models.adapt'(input) {
      if (!input.judged && input.annotator !== null)
        throw new CairnError(
          'bad_request',
          "--throughout learns from everybody's labels; leave it or --annotator out.",
        )
      return jobs.start('adapt', { ...input, ...place(input) } as unknown as Json)
    },
    'models.learned'({ model }) {
      const manifest = readManifest(findModel(models, model, 'any').path)
      return manifest.kind === 'adapted'
        ? result(manifest.id, manifest.base.id, manifest.traces, manifest.learned, manifest.annotator)
        : null
    },
  }
  return { handlers }
}

const nothingLabelled = (annotator: string | null) =>
  new CairnError(
    'bad_request',
    annotator === null
      ? 'No trace of the workspace carries labels of the four behaviours. Label some first.'
      : `${annotator} has labelled nothing in this workspace.`,
  )

/** What is learnt from everybody, or from one person, has one name; learning again replaces it. */
const adaptedId = (base: ModelFacts, annotator: string | null): string =>
  `${base.id}-${annotator === null ? 'mine' : slugOf(annotator)}`

/** The number behind the base's version; before the digits, which older versions do not have. */
const adaptationOf = (version: string): number => Number(/\+(\d+)(?:\.|$)/.exec(version)?.[1] ?? 0)

/** Two people learn under one name and count alike: what was learnt tells their versions apart where labels are shared. */
const digitsOf = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 4)

/** A person's name as a part of a model's id; the same name gives the same. */
const slugOf = (annotator: string): string => {
  const letters = annotator
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const hash = createHash('sha256').update(annotator).digest('hex').slice(0, 6)
  return letters === '' || letters === 'mine' ? `by-${hash}` : `${letters.slice(0, 40)}-${hash}`
}

function result(
  model: string | null,
  base: string,
  traces: number,
  behaviours: readonly Omit<LearnedBehaviour, 'threshold'>[],
  annotator: string | null,
): AdaptationResult {
  const told = BEHAVIOURS.map((behaviour, index) => {
    const { steps, shown, before, after, lossBefore, lossAfter, kept } = behaviours[index]!
    return [behaviour, { steps, shown, before, after, lossBefore, lossAfter, kept }]
  })
  return {
    model,
    base,
    annotator,
    traces,
    problems: null,
    standing: null,
    behaviours: Object.fromEntries(told) as AdaptationResult['behaviours'],
  }
}
