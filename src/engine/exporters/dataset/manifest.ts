import { createHash } from 'node:crypto'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { FunnelStep, GroupReport, LabelSource, Recipe, SplitRule } from '#shared/domain/curate/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Columns } from '../columns.ts'
import { featureLines } from './card-features.ts'
import type { WrittenFile } from './folder.ts'

/** A file of rows. */
export interface DataFile extends WrittenFile {
  readonly group: string | null
  readonly split: string
  readonly rows: number
}

/** All that a manifest says. It holds no time and no path of this machine: the same inputs make the same bytes. */
export interface DatasetFacts {
  readonly cairn: string
  readonly recipe: Recipe
  readonly inputs: readonly { name: string; sha256: string | null; bytes: number }[]
  readonly filter: Json
  readonly reading: Json
  readonly resources: readonly { role: string; name: string; sha256: string }[]
  readonly unit: string
  readonly segmenters: readonly number[]
  readonly graph: number
  readonly models: readonly { model: string; version: string }[]
  readonly funnel: readonly FunnelStep[]
  readonly groups: readonly GroupReport[]
  readonly unmatched: number | null
  readonly splitRule: SplitRule
  readonly tally: Tally
  readonly data: readonly DataFile[]
  /** Of the rows of every data file. */
  readonly columns: Columns
  readonly provenance: WrittenFile
}

/** What the rows of a set amount to. */
export interface Tally {
  rows: number
  prompts: number
  correct: number
  incorrect: number
  /** Rows that show each behaviour, and their steps that do. */
  behaviours: { rows: number; steps: number }[]
  characters: { total: number; least: number; most: number }
  /** Rows by what their labels rest on; a row that rests on several counts for each. */
  labels: Record<LabelSource, number>
}

export function emptyTally(): Tally {
  return {
    rows: 0,
    prompts: 0,
    correct: 0,
    incorrect: 0,
    behaviours: BEHAVIOURS.map(() => ({ rows: 0, steps: 0 })),
    characters: { total: 0, least: 0, most: 0 },
    labels: { people: 0, file: 0, predictions: 0, nothing: 0 },
  }
}

export const DATASET_MANIFEST = 'cairn.dataset'

/** The text of `manifest.json`. */
export function datasetManifest(facts: DatasetFacts): string {
  const { recipe, tally, cairn, segmenters, graph, models, splitRule: split } = facts
  const manifest = {
    manifest: DATASET_MANIFEST,
    version: 1,
    // Sets that the first rule divides say nothing of it, as they did when there was no other.
    versions: { cairn, segmenters, graph, models, ...(split > 1 && { split }) },
    recipe,
    seed: recipe.seed,
    source: { inputs: facts.inputs, filter: facts.filter, reading: facts.reading },
    resources: facts.resources,
    length_unit: facts.unit,
    funnel: facts.funnel.map(({ name, kept }) => ({ name, kept })),
    groups: facts.groups,
    unmatched: facts.unmatched,
    counts: {
      ...tally,
      behaviours: Object.fromEntries(BEHAVIOURS.map((name, at) => [name, tally.behaviours[at]!])),
    },
    files: facts.data,
    provenance: facts.provenance,
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** `README.md` of a Hugging Face dataset folder: which files are which split, their columns, and how the set came about. */
export function datasetCard(facts: DatasetFacts): string {
  const { recipe, tally, funnel, data, columns } = facts
  const configs = [...Map.groupBy(data, ({ group }) => group ?? 'default')]
  const front = [
    '---',
    `pretty_name: ${JSON.stringify(recipe.title || recipe.name)}`,
    'task_categories:',
    '- text-generation',
    'tags:',
    '- reasoning',
    '- cognitive-behaviors',
    '- cairn',
    `size_categories:`,
    `- ${sizeCategory(tally.rows)}`,
    'configs:',
    ...configs.flatMap(([name, files]) => [
      `- config_name: ${JSON.stringify(name)}`,
      `  description: ${contentOf(files)}`,
      '  data_files:',
      ...files.flatMap(({ split, path }) => [`  - split: ${split}`, `    path: ${path}`]),
    ]),
    'dataset_info:',
    ...configs.flatMap(([name]) => [
      `- config_name: ${JSON.stringify(name)}`,
      '  features:',
      ...featureLines(columns, '  '),
    ]),
    '---',
  ]
  const share = (count: number) => (tally.rows === 0 ? '–' : `${((count / tally.rows) * 100).toFixed(1)}%`)
  const body = [
    `# ${recipe.title || recipe.name}`,
    ...(recipe.description === '' ? [] : [recipe.description]),
    `Made by Cairn ${facts.cairn} from the recipe \`${recipe.name}\` (\`recipe.yaml\`, seed ${recipe.seed}). ` +
      '`cairn curate --from manifest.json --out DIR` makes the same bytes again. `provenance.jsonl` names the trace behind every row.',
    '## Rows',
    table(
      ['file', 'rows'],
      data.map(({ path, rows }) => [path, String(rows)]),
    ),
    table(
      ['', 'rows', 'share'],
      [
        ['correct', String(tally.correct), share(tally.correct)],
        ['incorrect', String(tally.incorrect), share(tally.incorrect)],
        ...BEHAVIOURS.map((name, at) => {
          const { rows } = tally.behaviours[at]!
          return [name.replace('_', ' '), String(rows), share(rows)]
        }),
      ],
    ),
    labelText(tally),
    '## How they were chosen',
    table(
      ['step', 'left'],
      funnel.map(({ name, kept }) => [name, String(kept)]),
    ),
    '## Sources',
    table(
      ['file', 'SHA-256'],
      facts.inputs.map(({ name, sha256 }) => [name, sha256 ?? '–']),
    ),
    'The licence is that of the sources; add it here before you publish the set.',
  ]
  return `${front.join('\n')}\n\n${body.join('\n\n')}\n`
}

/**
 * What is in the files. `datasets` caches a folder by its name and the front matter of its card alone: without this a
 * set that is made anew, or another one in a folder of the same name, would be loaded as the rows of the first.
 */
function contentOf(files: readonly DataFile[]): string {
  const all = createHash('sha256')
  for (const { path, sha256 } of files) all.update(`${path} ${sha256}\n`)
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  return `${rows} rows, sha256 ${all.digest('hex')}`
}

function labelText({ labels, rows }: Tally): string {
  const by = (count: number, what: string) => (count === 0 ? [] : [`${count} of ${rows} rows on ${what}`])
  const parts = [
    ...by(labels.people, 'labels of people'),
    ...by(labels.file, 'labels that came with the file'),
    ...by(labels.predictions, 'predictions of the classifier'),
    ...by(labels.nothing, 'nothing: no labels were at hand'),
  ]
  return `Behaviours rest on: ${parts.join('; ') || 'no rows'}.`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function sizeCategory(rows: number): string {
  if (rows < 1000) return 'n<1K'
  if (rows < 10_000) return '1K<n<10K'
  return rows < 100_000 ? '10K<n<100K' : rows < 1_000_000 ? '100K<n<1M' : '1M<n<10M'
}

/** `dataset_info.json` of LLaMA-Factory: the data files by name, with the columns of its Alpaca format. */
export function llamaFactoryInfo(name: string, data: readonly DataFile[], preference: boolean): string {
  const columns = preference
    ? { prompt: 'instruction', query: 'input', chosen: 'chosen', rejected: 'rejected', system: 'system' }
    : { prompt: 'instruction', query: 'input', response: 'output', system: 'system' }
  const entries = data.map(({ path, group, split }) => {
    const parts = [name, group, split === 'train' ? null : split].filter((part) => part !== null)
    const entry = { file_name: path, formatting: 'alpaca', ...(preference && { ranking: true }), columns }
    return [parts.join('_').replaceAll('-', '_'), entry]
  })
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}
