import { GRAPH_VERSION } from '#shared/domain/graph/types.ts'
import {
  asksForHandbook,
  writeRecipe,
  type Chosen,
  type HeldOut,
  type Recipe,
} from '#shared/domain/curate/index.ts'
import type { CurateResult } from '#shared/contract/recipes.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import {
  createAtomicFolder,
  MANIFEST_FILE,
  type AtomicFolder,
  type FolderFile,
} from '../exporters/dataset/folder.ts'
import { datasetLayout } from '../exporters/dataset/layouts.ts'
import type { DatasetLayout } from '../exporters/dataset/types.ts'
import {
  datasetCard,
  datasetManifest,
  llamaFactoryInfo,
  type DataFile,
  type DatasetFacts,
} from '../exporters/dataset/manifest.ts'
import { createJsonlWriter } from '../exporters/jsonl.ts'
import { createParquetWriter } from '../exporters/parquet.ts'
import type { RowWriter } from '../exporters/row-writer.ts'
import { createBreath } from './breath.ts'
import { factsOf, makeRows, optionsOf } from './curate-rows.ts'
import { createTally, provenanceRow, type Versions } from './curate-tally.ts'
import type { Plan } from './curate-run.ts'
import type { CurateSource } from './curate-source.ts'
import type { Resources } from './curate-resources.ts'

interface WriteOptions {
  plan: Plan
  source: CurateSource
  resources: Resources
  path: string
  overwrite: boolean
  cairn: string
  filter: Json
  reading: Json
  signal: AbortSignal
  onProgress: (rows: number) => void
}

/**
 * Writes a data set folder: `data/…`, `provenance.jsonl`, `recipe.yaml`, `README.md`, `manifest.json`. Rows stream, texts
 * are read one unit at a time; the folder appears whole or not at all.
 * @throws CairnError `output_exists`, `output_unwritable`, `disk_full`, `cancelled`, `bad_request` when nothing is left
 */
export async function writeDataset(options: WriteOptions): Promise<CurateResult> {
  const { plan, source, path, overwrite, signal, onProgress } = options
  const { recipe, selection } = plan
  if (selection.units.length === 0) throw nothingLeft(plan)
  const folder = await createAtomicFolder(path, { overwrite })
  try {
    const layout = datasetLayout(optionsOf(plan, source))
    const files = createFiles(folder, plan, layout)
    const provenanceFile = await folder.open('provenance.jsonl')
    const provenance = createJsonlWriter((bytes) => provenanceFile.write(bytes))
    const tally = createTally()
    let written = 0
    const breathe = createBreath()
    for (const { unit, rows, traces } of makeRows(plan, selection.units, source)) {
      const file = await files.of(unit)
      for (const row of rows) {
        const facts = factsOf(unit, traces[0]!, file.rows)
        await file.write(layout.row(row, facts))
        await provenance.write(provenanceRow(unit, traces, file.path, file.rows - 1))
        tally.add(unit)
        written++
      }
      tally.sawTraces(traces)
      const pause = breathe()
      if (pause !== undefined) await pause
      if (signal.aborted) throw new CairnError('cancelled', 'Stopped. Nothing was written.')
      onProgress(written)
    }
    await provenance.finish()
    const facts: DatasetFacts = {
      ...describe(options, tally.versions()),
      tally: tally.result(),
      data: await files.close(),
      columns: layout.columns,
      provenance: await provenanceFile.close(),
    }
    await folder.put('recipe.yaml', writeRecipe(recipe))
    if (recipe.output.format === 'llama_factory')
      await folder.put(
        'dataset_info.json',
        llamaFactoryInfo(recipe.name, facts.data, recipe.rows.kind.endsWith('pairs')),
      )
    if (recipe.transforms.some(({ system }) => system !== undefined && asksForHandbook(system)))
      await folder.put(
        'handbook.jsonl',
        plan.context.handbook.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
      )
    await folder.put('README.md', datasetCard(facts))
    const manifest = await folder.put(MANIFEST_FILE, datasetManifest(facts))
    if (signal.aborted) throw new CairnError('cancelled', 'Stopped. Nothing was written.')
    await folder.commit()
    return {
      path,
      rows: written,
      funnel: [...plan.funnel],
      groups: [...selection.groups],
      splits: splitsOf(facts.data),
      files: facts.data.map(({ path: name, sha256, bytes }) => ({ path: name, sha256, bytes })),
      manifestSha256: manifest.sha256,
      unmatched: selection.unmatched,
      warnings: warningsOf(plan),
    }
  } finally {
    await folder.abort()
  }
}

function describe({ plan, source, resources, cairn, filter, reading }: WriteOptions, versions: Versions) {
  const { recipe, funnel, selection } = plan
  return {
    cairn,
    recipe,
    inputs: source.inputs,
    filter,
    reading,
    resources: resources.files,
    unit: plan.context.measure === 'tokens' ? resources.counter.unit : 'characters',
    graph: GRAPH_VERSION,
    ...versions,
    funnel,
    groups: selection.groups,
    unmatched: selection.unmatched,
    splitRule: selection.splitRule,
  }
}

function nothingLeft({ funnel }: Plan): CairnError {
  const steps = funnel.map(({ name, kept }) => `${kept} ${name}`)
  const first = funnel.find(({ kept }) => kept === 0)
  const why = first?.why === undefined ? '' : ` ${first.why}`
  return new CairnError(
    'not_found',
    `No trace is left, so nothing was written: ${steps.join(' → ')}.${why}`,
    { step: first?.name ?? '' },
  )
}

/** What people should know before they train. */
export function warningsOf({ selection, recipe }: Pick<Plan, 'selection' | 'recipe'>): string[] {
  const warnings: string[] = []
  const wanted = recipe.sample.size
  const rows = selection.units.reduce((sum, unit) => sum + unit.rows, 0)
  if (wanted !== undefined && rows < wanted)
    warnings.push(`${rows} of the ${wanted} rows wanted: the source has no more.`)
  for (const { name, units } of selection.groups)
    if (units === 0) warnings.push(`The group ${name} is empty.`)
  if (selection.unmatched)
    warnings.push(`${selection.unmatched} rows of the other recipe have no trace of a similar length.`)
  if (rows > 0) warnings.push(...selection.heldOut.flatMap((held) => missedShare(held, rows, recipe)))
  const bare = selection.units.filter(({ facts }) =>
    facts.every(({ from }) => from.includes('nothing')),
  ).length
  if (bare > 0) warnings.push(`${bare} rows have neither labels nor predictions: classify first.`)
  return warnings
}

/** Of a split that whole prompts bring no nearer to its share than this. */
function missedShare(
  { name, wanted, rows }: HeldOut,
  all: number,
  { split }: Pick<Recipe, 'split'>,
): string[] {
  const miss = Math.abs(rows - wanted)
  if (rows > 0 && miss <= Math.max(1, wanted / 10)) return []
  const unit = split.by === 'prompt' ? 'prompts' : 'traces'
  const share = `${Math.round(wanted * 10) / 10} of ${all} rows were wanted`
  return rows === 0
    ? [
        `${name} is empty: ${share}, and whole ${unit} come nowhere near. Add traces of other ${unit}, or ask for another share.`,
      ]
    : [`${name} has ${rows} rows: ${share}, and whole ${unit} come no nearer.`]
}

function splitsOf(data: readonly DataFile[]) {
  const splits = Map.groupBy(data, ({ split }) => split)
  return [...splits].map(([name, files]) => ({ name, rows: files.reduce((sum, { rows }) => sum + rows, 0) }))
}

interface OpenData {
  readonly path: string
  /** Rows so far. */
  readonly rows: number
  write(row: Parameters<RowWriter['write']>[0]): Promise<void>
}

/** The data files of a set, opened when their first row comes. */
function createFiles(folder: AtomicFolder, { recipe }: Plan, layout: DatasetLayout) {
  const { separate } = recipe.sample
  const { container, format } = recipe.output
  const open = new Map<
    string,
    OpenData & { rows: number; group: string | null; split: string; file: FolderFile; writer: RowWriter }
  >()
  return {
    async of({ split, group }: Chosen): Promise<OpenData> {
      const path = `data/${separate ? `${group}/` : ''}${split}.${container}`
      const known = open.get(path)
      if (known !== undefined) return known
      const file = await folder.open(path)
      const sink = (bytes: Uint8Array) => file.write(bytes)
      const writer =
        container === 'jsonl'
          ? createJsonlWriter(sink)
          : createParquetWriter(sink, layout.columns, { 'cairn.format': format, 'cairn.recipe': recipe.name })
      const opened = {
        path,
        rows: 0,
        ...{ group: separate ? group : null, split, file, writer },
        async write(row: Parameters<RowWriter['write']>[0]) {
          await writer.write(row)
          opened.rows++
        },
      }
      open.set(path, opened)
      return opened
    },
    async close(): Promise<DataFile[]> {
      const data: DataFile[] = []
      for (const { writer, file, group, split, rows } of open.values()) {
        await writer.finish()
        data.push({ ...(await file.close()), group, split, rows })
      }
      const order = ['train', 'validation', 'test']
      const rank = ({ group, split }: DataFile) => `${group ?? ''}\n${order.indexOf(split)}`
      return data.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    },
  }
}
