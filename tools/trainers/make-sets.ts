/**
 * Makes a data set in every format and file type that Cairn writes, for `check.py`:
 *
 *   node tools/trainers/make-sets.ts OUT [FILES…]
 *
 * FILES are what `cairn import` reads; without them traces are generated. A workspace in OUT is used again.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createEngine, localClient, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { CurateResult } from '#shared/contract/recipes.ts'
import { DEFAULTS, generateCountdown } from '#shared/domain/generate/index.ts'

const TEMPLATE = `{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

const SPLIT = 'sample: { size: 400 }\nsplit: { validation: 0.1 }\n'
const SYSTEM = 'transforms:\n- system: "Use {behaviours}."\n'
const TEMPLATED = 'transforms:\n- chat_template: { file: template.jinja }\n'
const CUT = 'transforms:\n- cut: { share: 0.3 }\n'
const PAIRS = 'rows: { kind: pairs, chosen: [{ correct: true }], rejected: [{ correct: false }] }\n'
const BRANCHES = 'filters:\n- correct: true\nrows: { kind: branch_pairs }\n'
const TREES = 'filters:\n- correct: true\nrows: { kind: trees }\n'

/** The recipes, by name: their format, and what comes between head and split. */
const SETS: Readonly<Record<string, readonly [format: string, body: string]>> = {
  'verl-query': ['verl_query', ''],
  'verl-prompt': ['verl_prompt', ''],
  messages: ['trl_messages', ''],
  'messages-system': ['trl_messages', SYSTEM],
  'prompt-completion': ['trl_prompt_completion', ''],
  'prompt-completion-template': ['trl_prompt_completion', TEMPLATED],
  'prompt-completion-cut': ['trl_prompt_completion', CUT],
  'prompt-completion-trees': ['trl_prompt_completion', TREES],
  preference: ['trl_preference', PAIRS],
  'preference-template': ['trl_preference', PAIRS + TEMPLATED],
  'preference-branches': ['trl_preference', BRANCHES],
  stepwise: ['trl_stepwise', 'rows: { kind: steps }\n'],
  prm800k: ['prm800k', 'rows: { kind: steps }\n'],
  openai: ['openai', ''],
  'openai-pairs': ['openai', PAIRS],
  sharegpt: ['sharegpt', SYSTEM],
  alpaca: ['alpaca', ''],
  'llama-factory': ['llama_factory', SYSTEM],
  'llama-factory-pairs': ['llama_factory', PAIRS],
  plain: ['plain', ''],
  'plain-pairs': ['plain', PAIRS],
}

const [out, ...files] = process.argv.slice(2)
if (out === undefined) {
  console.error('usage: node tools/trainers/make-sets.ts OUT [FILES…]')
  process.exit(2)
}
const workspace = resolve(out, 'workspace')
const isNew = !existsSync(workspace)
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'template.jinja'), TEMPLATE)
const { entries, modelsDir, version } = installPaths()
const engine = createEngine({ workspace, create: true, entries, modelsDir, version })
const client = localClient(engine)
try {
  if (isNew) await fill(client, files.length > 0 ? files : [generated(out)])
  for (const [name, [format, body]] of Object.entries(SETS))
    for (const container of ['jsonl', 'parquet'])
      await make(
        client,
        `${name}-${container}`,
        body,
        `output: { format: ${format}, container: ${container} }\n`,
      )
} finally {
  await engine.close()
}

async function make(to: EngineClient, name: string, body: string, output: string): Promise<void> {
  const text = `recipe: 1\nname: ${name}\n${body}${SPLIT}${output}`
  const input = { text, base: resolve(out!), path: resolve(out!, name), overwrite: true }
  const job = await to.call('jobs.wait', { id: (await to.call('curate.start', input)).id })
  if (job.state !== 'done') throw new Error(`${name}: ${job.error?.message ?? job.state}`)
  console.log(`${name}: ${(job.result as unknown as CurateResult).rows} rows`)
}

async function fill(to: EngineClient, paths: readonly string[]): Promise<void> {
  const imported = await to.call('imports.start', { paths: [...paths] })
  await to.call('jobs.wait', { id: imported.id })
  if (files.length === 0) return
  const classified = await to.call('classify.start', { filter: {}, model: 'cairn-fast' })
  await to.call('jobs.wait', { id: classified.id })
}

/** Right and wrong solutions of the same problems, so that there are pairs. */
function generated(folder: string): string {
  const path = join(folder, 'traces.jsonl')
  const right = [...generateCountdown({ ...DEFAULTS, count: 400, seed: 'trainers' })]
  const rows = right.flatMap((row) => {
    const wrong = row.text.replace(
      /<answer>[^]*<\/answer>/,
      `<answer>${row.numbers.join(' + ')} - 1</answer>`,
    )
    return [row, { ...row, id: `${row.id}-wrong`, text: wrong, correct: false }]
  })
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return path
}
