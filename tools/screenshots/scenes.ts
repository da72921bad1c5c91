import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { ApiInput } from '#shared/contract/index.ts'
import type { WebHost } from '#web/host.ts'
import { specialIds } from '../large-workspace.ts'
import { searchLog } from '../search-log.ts'

/** A picture: a place in the app, and what is done there before it is taken. */
export interface Shot {
  name: string
  hash: string | ((client: EngineClient) => Promise<string>)
  act?: (page: Page, host: WebHost, folder: string) => Promise<void>
}

/** Pictures of one workspace, which `fill` makes unless it is a large one that is given. */
export interface Scene {
  name: string
  large?: boolean
  /** Needs the folder of traces that is given: `fill` gets it. */
  data?: boolean
  fill?: (client: EngineClient, folder: string, data: string) => Promise<void>
  shots: readonly Shot[]
}

/** Small models of each kind, made for the tests. */
const FIXTURE_MODELS = join(import.meta.dirname, '../../tests/fixtures/models')

const press = (key: string) => (page: Page) => page.keyboard.press(key)

const besideAnother = async (page: Page) => {
  const select = page.getByLabel('Recipe to see beside this one')
  await select.selectOption('negative-control')
  await select.scrollIntoViewIfNeeded()
}

/** Bounds of one behaviour in steps, while episodes are counted for the next. */
const bounds = async (page: Page) => {
  await page.getByRole('button', { name: /^Behaviours/ }).click()
  await page.getByLabel('Backtracking, at least').fill('5')
  await page.getByLabel('Backtracking, at least').press('Enter')
  await page.getByText('Episodes', { exact: true }).last().click({ force: true })
}

const groups = async (page: Page) => {
  await page.getByRole('gridcell').first().waitFor()
  await page.getByRole('grid', { name: 'Traces' }).focus()
  await page.keyboard.press('F')
  await page.getByRole('listbox', { name: 'Groups, the largest first' }).waitFor()
}

const longest = async (client: EngineClient) => {
  const sort = { by: 'length', descending: true } as const
  const [row] = await client.call('traces.list', { filter: { runs: ['DeepSeek-R1'] }, sort, limit: 1 })
  return `#/trace/${row?.id ?? 1}`
}

/** A file with lines that cannot be imported, each for a reason of its own. */
const BROKEN = [
  JSON.stringify({ id: 'a', prompt: 'What is 2 + 2?', response: 'It is 4. Let me check: 4 − 2 = 2. Yes.' }),
  '{"id": "b", "prompt": "What is 3 + 3?", "response": "It is 6',
  JSON.stringify({ id: 'c', prompt: 'What is 5 + 5?' }),
  JSON.stringify(['not', 'a', 'record']),
  JSON.stringify({ id: 'd', prompt: 'What is 7 + 7?', response: 14 }),
  JSON.stringify({ id: 'e', prompt: 'What is 8 + 8?', response: 'Sixteen. Wait, I should verify that.' }),
].join('\n')

async function importAndClassify(client: EngineClient, path: string): Promise<void> {
  await client.call('jobs.wait', { id: (await client.call('imports.start', { paths: [path] })).id })
  await client.call('jobs.wait', { id: (await client.call('classify.start', { device: 'cpu' })).id })
}

async function importBroken(client: EngineClient, folder: string): Promise<void> {
  // The folder's name is in the picture.
  mkdirSync(join(folder, 'experiment'), { recursive: true })
  const path = join(folder, 'experiment', 'rollouts.jsonl')
  writeFileSync(path, BROKEN)
  await importAndClassify(client, path)
}

/** Runs a job to its end. */
async function ran(client: EngineClient, job: Promise<{ id: number }>): Promise<void> {
  await client.call('jobs.wait', { id: (await job).id })
}

/** The samples with all that Cairn can say of them: both classifiers, graphs, verdicts, vectors, surprisal. */
async function fillAll(client: EngineClient): Promise<void> {
  await importAndClassify(client, installPaths().samplesDir)
  for (const id of ['tiny-encoder', 'tiny-lm'])
    await client.call('models.add', { folder: join(FIXTURE_MODELS, id), id })
  const some = { ids: Array.from({ length: 12 }, (_, index) => index + 1) }
  await ran(client, client.call('graphs.build', {}))
  await ran(client, client.call('verdicts.start', {}))
  await ran(client, client.call('similar.start', { model: 'tiny-encoder', filter: some }))
  await ran(client, client.call('surprisal.start', { model: 'tiny-lm', filter: some }))
  const accurate = { model: 'cairn-accurate', device: 'cpu' } as const
  await ran(client, client.call('classify.start', { ...accurate, filter: { runs: ['DeepSeek-R1'] } }))
}

/** Traces of each kind that has a tree of its own, and a search larger than the real ones. */
async function fillTrees(client: EngineClient, folder: string, data: string): Promise<void> {
  const whole = join(folder, 'whole-search.jsonl')
  const { log } = searchLog([5, 3, 2, 9], 69)
  writeFileSync(
    whole,
    JSON.stringify({ run: 'whole search', prompt: 'Make 69 of 5, 3, 2 and 9.', response: log }),
  )
  for (const path of [
    whole,
    join(data, 'countdown-runs'),
    join(data, 'math500', 'math500_deepseek_r1.jsonl'),
    join(data, 'tree-of-thought', 'game24_bfs.json'),
  ])
    await ran(client, client.call('imports.start', { paths: [path] }))
  await ran(client, client.call('classify.start', { device: 'cpu' }))
  await ran(client, client.call('graphs.build', {}))
}

type List = ApiInput<'traces.list'>

/** The first trace of a list. */
const firstOf = (filter: List['filter'], sort?: List['sort']) => async (client: EngineClient) => {
  const [row] = await client.call('traces.list', { filter, sort, limit: 1 })
  return `#/trace/${row?.id ?? 1}`
}

/** A right answer after several dead ends. */
const branched = async (client: EngineClient) => {
  const [row] = await client.call('traces.list', {
    filter: { graph: { dead_ends: { min: 4, max: 12 }, loops: { max: 0 } }, correct: true },
    sort: { by: 'dead_ends', descending: true },
    limit: 1,
  })
  return row?.id ?? 1
}

const pair = async (client: EngineClient) => {
  const id = await branched(client)
  const [other] = await client.call('graphs.siblings', { traceId: id })
  return `#/pair/${id}?with=${other?.id ?? 1}`
}

export const SCENES: readonly Scene[] = [
  {
    name: 'sample',
    fill: (client) => importAndClassify(client, installPaths().samplesDir),
    shots: [
      { name: 'library', hash: '#/library' },
      { name: 'traces', hash: '#/traces' },
      { name: 'trace', hash: longest },
      { name: 'settings', hash: '#/settings' },
      { name: 'search', hash: '#/traces?q=wait&correct=yes' },
      { name: 'nothing-found', hash: '#/traces?q=xylophonist' },
      { name: 'trace-missing', hash: '#/trace/999999' },
      { name: 'palette', hash: '#/library', act: press('Control+k') },
      { name: 'shortcuts', hash: longest, act: press('?') },
      { name: 'import', hash: '#/library', act: press('Control+o') },
      {
        name: 'engine-lost',
        hash: longest,
        async act(page, host) {
          await host.close()
          await page.waitForTimeout(1500)
        },
      },
    ],
  },
  {
    name: 'all',
    fill: fillAll,
    shots: [
      { name: 'verdicts', hash: '#/traces?correct=no' },
      { name: 'tree', hash: async (client) => `#/trace/${await branched(client)}` },
      { name: 'shapes', hash: '#/shapes' },
      { name: 'pair', hash: pair },
      { name: 'heat', hash: '#/trace/2', act: press('h') },
      { name: 'filter-behaviours', hash: '#/traces', act: bounds },
      { name: 'groups', hash: '#/traces', act: groups },
      { name: 'similar', hash: '#/trace/2', act: press('f') },
      { name: 'label-next', hash: longest, act: press('N') },
      { name: 'models', hash: '#/models' },
      { name: 'models-accurate', hash: '#/models?model=cairn-accurate' },
      { name: 'models-other', hash: '#/models?model=tiny-lm' },
      { name: 'models-thresholds', hash: '#/models?tab=thresholds' },
      { name: 'models-measure', hash: '#/models?tab=measure' },
      { name: 'models-compare', hash: '#/models?tab=compare&model=cairn-fast&with=cairn-accurate' },
      { name: 'models-judge', hash: '#/models?tab=judge' },
      { name: 'curate', hash: '#/curate' },
      { name: 'curate-beside', hash: '#/curate', act: besideAnother },
    ],
  },
  {
    name: 'trees',
    data: true,
    fill: fillTrees,
    shots: [
      { name: 'tree-countdown', hash: async (client) => `#/trace/${await branched(client)}` },
      {
        name: 'tree-loop',
        hash: firstOf(
          { graph: { loops: { min: 1 }, nodes: { min: 12 } } },
          { by: 'loops', descending: true },
        ),
      },
      { name: 'tree-math', hash: firstOf({ runs: ['DeepSeek-R1'], length: { min: 27_500, max: 29_000 } }) },
      { name: 'tree-search', hash: firstOf({ runs: ['whole search'] }) },
      { name: 'tree-thought', hash: firstOf({ runs: ['game24_bfs'] }, { by: 'nodes', descending: true }) },
      { name: 'tree-pair', hash: pair },
      { name: 'tree-shapes', hash: '#/shapes' },
    ],
  },
  {
    name: 'broken',
    fill: importBroken,
    shots: [
      { name: 'errors-library', hash: '#/library' },
      { name: 'errors-rejects', hash: '#/rejects' },
    ],
  },
  {
    name: 'empty',
    shots: [
      { name: 'empty-library', hash: '#/library' },
      { name: 'empty-traces', hash: '#/traces' },
      { name: 'empty-rejects', hash: '#/rejects' },
    ],
  },
  {
    name: 'large',
    large: true,
    shots: [
      { name: 'large-library', hash: '#/library' },
      { name: 'large-traces', hash: '#/traces', act: press('End') },
      { name: 'large-search', hash: '#/traces?q=let+me+check' },
      { name: 'megabyte', hash: async (client) => `#/trace/${(await specialIds(client)).megabyte}` },
      { name: 'overlap', hash: async (client) => `#/trace/${(await specialIds(client)).overlapping}` },
      { name: 'labelled', hash: async (client) => `#/trace/${(await specialIds(client)).labelled}` },
    ],
  },
]
