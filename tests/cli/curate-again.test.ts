import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { zipOf } from '../unit/importers/input/support.ts'
import { cairn, shell } from './run.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const curate = (...args: string[]) => cairn(['curate', ...args])
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const manifestOf = (set: string) =>
  JSON.parse(readFileSync(at(set, 'manifest.json'), 'utf8')) as {
    source: { reading: unknown }
    versions: { models: { model: string }[] }
  }

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-again-'))
  const rows = [1, 2, 3].map((n) => ({
    prompt: `What is ${n} + ${n}?`,
    completion: `It is ${2 * n}. Let me check: ${n} + ${n} = ${2 * n}. <answer>${2 * n}</answer>`,
  }))
  writeFileSync(at('rows.jsonl'), lines(rows))
  writeFileSync(at('torn.jsonl'), `${lines(rows)}{"prompt": torn\n`)
  writeFileSync(
    at('odd.jsonl'),
    lines(rows.map(({ prompt: q, completion }) => ({ q, a: { b: completion } }))),
  )
  writeFileSync(
    at('recipe.yaml'),
    'recipe: 1\nname: shown\nfilters:\n- behaviours: { total: { min: 0 } }\noutput: { container: jsonl }\n',
  )
  writeFileSync(at('plain.yaml'), 'recipe: 1\nname: plain\noutput: { container: jsonl }\n')
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('asks the model that the set was made with', async () => {
  const made = await curate(
    ...[at('recipe.yaml'), '--from', at('rows.jsonl'), '--out', at('first'), '--device', 'cpu'],
    ...['--model', 'cairn-accurate'],
  )
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('3 rows')])
  expect(manifestOf('first').versions.models).toMatchObject([{ model: 'cairn-accurate' }])
  const manifest = at('first', 'manifest.json')
  const again = await curate('--from', manifest, '--inputs', at(), '--out', at('again'), '--device', 'cpu')
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('same every file has the bytes')])
  // Another one that is named goes first, and then the set is not the same.
  const other = await curate(
    ...['--from', manifest, '--inputs', at(), '--out', at('other'), '--model', 'cairn-fast'],
  )
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is now "cairn-fast"')])
})

it('makes a set of a classified workspace again, whose predictions it takes as they are', async () => {
  const workspace = at('study')
  expect((await cairn(['import', at('rows.jsonl'), '-w', workspace])).code).toBe(0)
  expect((await cairn(['classify', '-w', workspace, '--device', 'cpu'])).code).toBe(0)
  const made = await curate(at('recipe.yaml'), '--from', workspace, '--out', at('of-study'))
  expect(made.code).toBe(0)
  expect(manifestOf('of-study').versions.models).toHaveLength(1)
  const manifest = at('of-study', 'manifest.json')
  const again = await curate('--from', manifest, workspace, '--out', at('of-study-again'))
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('same every file has the bytes')])
})

it('keeps a mapping by what it says, so that the file may be gone', async () => {
  const mapping = { shape: 'prompt_completion', fields: { prompt: 'q', response: 'a.b' } }
  writeFileSync(at('mapping.json'), JSON.stringify(mapping))
  const made = await curate(
    ...[at('plain.yaml'), '--from', at('odd.jsonl'), '--out', at('mapped'), '--mapping', at('mapping.json')],
  )
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('3 rows')])
  expect(manifestOf('mapped').source.reading).toEqual({ mapping })
  expect(readFileSync(at('mapped', 'manifest.json'), 'utf8')).not.toContain(folder)
  rmSync(at('mapping.json'))
  const again = await curate(
    ...['--from', at('mapped', 'manifest.json'), '--inputs', at(), '--out', at('mapped-again')],
  )
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('same every file has the bytes')])
})

it('finds a set the same whose manifest names its mapping by the path, as an early Cairn wrote it', async () => {
  const path = at('old-mapping.json')
  writeFileSync(
    path,
    JSON.stringify({ fields: { response: 'a.b', prompt: 'q' }, shape: 'prompt_completion' }),
  )
  const made = await curate(
    ...[at('plain.yaml'), '--from', at('odd.jsonl'), '--out', at('old'), '--mapping', path],
  )
  expect(made.code).toBe(0)
  const manifest = manifestOf('old')
  const again = (mapping: string, out: string, changed = {}, ...more: string[]) => {
    const text = { ...manifest, source: { ...manifest.source, reading: { mapping } }, ...changed }
    writeFileSync(at('old.json'), `${JSON.stringify(text, null, 2)}\n`)
    return curate('--from', at('old.json'), '--inputs', at(), '--out', at(out), ...more)
  }
  // By the path where it was made, or from a folder of the inputs.
  for (const named of [path, 'old-mapping.json']) {
    const same = await again(named, `old-${named.length}`)
    expect([same.code, same.stderr]).toEqual([0, expect.stringContaining('same every file has the bytes')])
  }
  const changed = await again(path, 'old-changed', { seed: 99 })
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('seed: 99 is now 1')])
  expect(changed.stderr).not.toContain('source.reading')
  const lost = await again('gone.json', 'old-lost')
  expect([lost.code, lost.stderr]).toEqual([
    2,
    expect.stringContaining('gone.json, was not found; nothing was written. Name it with --mapping.'),
  ])
  expect((await again('gone.json', 'old-named', {}, '--mapping', path)).code).toBe(0)
}, 60_000)

it('says with 3 under --strict that a record was rejected, and makes the set all the same', async () => {
  const from = ['--from', at('torn.jsonl')]
  expect((await curate(at('plain.yaml'), ...from, '--out', at('lenient'))).code).toBe(0)
  const strict = await curate(at('plain.yaml'), ...from, '--out', at('strict'), '--strict')
  expect([strict.code, strict.stderr]).toEqual([3, expect.stringContaining('1 rejected')])
  expect(manifestOf('strict')).toEqual(manifestOf('lenient'))
  const again = await curate(
    ...['--from', at('strict', 'manifest.json'), '--inputs', at(), '--out', at('strict-again'), '--strict'],
  )
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('same every file has the bytes')])
})

it.each([
  ['several folders', ['a/one.jsonl', 'b/two.jsonl']],
  ['one folder', ['run/one.jsonl', 'run/two.jsonl']],
])('makes a set of an archive with %s again, named by the archive', async (_, names) => {
  const data = readFileSync(at('rows.jsonl'))
  for (const set of ['zipped', 'zipped-again']) rmSync(at(set), { recursive: true, force: true })
  writeFileSync(at('both.zip'), zipOf(names.map((name) => ({ name, data }))))
  const made = await curate(at('plain.yaml'), '--from', at('both.zip'), '--out', at('zipped'))
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('6 rows')])
  const again = await cairn(
    ['curate', '--from', at('zipped', 'manifest.json'), '--out', at('zipped-again')],
    { cwd: folder },
  )
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('same every file has the bytes')])
})

it('makes a set of problem folders again, also when they lie elsewhere now', async () => {
  const problem = (name: string, solution: string) => {
    mkdirSync(at('released', name), { recursive: true })
    const put = (file: string, json: object) =>
      writeFileSync(at('released', name, file), JSON.stringify(json))
    put('base_solution.json', { prompt: 'How many?', solution, is_correct: true })
    put('problem.json', { problem: 'How many?', gt_answer: '2' })
    put('chunks_labeled.json', [{ chunk: solution, function_tags: [], depends_on: [] }])
  }
  problem('problem_0', 'It is 2.')
  problem('problem_1', 'One and one is 2.')
  const made = await curate(at('plain.yaml'), '--from', at('released'), '--out', at('anchors'))
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('2 rows')])
  const again = (out: string, inputs: string) =>
    curate('--from', at('anchors', 'manifest.json'), '--inputs', inputs, '--out', at(out))
  const same = [0, expect.stringContaining('same every file has the bytes')]
  const named = await again('anchors-again', at('released'))
  expect([named.code, named.stderr]).toEqual(same)
  mkdirSync(at('moved'))
  renameSync(at('released'), at('moved', 'released'))
  const below = await again('anchors-below', at('moved'))
  expect([below.code, below.stderr]).toEqual(same)
})

it('compares with the manifest as it was, where the set replaces itself', async () => {
  expect((await curate(at('plain.yaml'), '--from', at('rows.jsonl'), '--out', at('own'))).code).toBe(0)
  const path = at('own', 'manifest.json')
  writeFileSync(path, JSON.stringify({ ...manifestOf('own'), rows: 99 }))
  const again = await curate('--from', path, '--inputs', at(), '--out', at('own'), '--force')
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('rows: 99 is now absent')])
})

it('refuses options that would change the recipe of a manifest', async () => {
  const manifest = at('any.json')
  writeFileSync(manifest, JSON.stringify({ manifest: 'cairn.dataset' }))
  const changed = await curate(
    ...[
      '--from',
      manifest,
      '--inputs',
      at(),
      '--out',
      at('bigger'),
      '--size',
      '1',
      '--format',
      'trl_messages',
    ],
  )
  expect([changed.code, changed.stderr]).toEqual([
    2,
    expect.stringContaining('--size, --format would make another set than that of'),
  ])
})

it('takes a built-in recipe although a folder has its name', async () => {
  mkdirSync(at('backtracking-only'))
  const shown = await cairn(['curate', 'backtracking-only', '--show', '--match', 'backtracking-only'], {
    cwd: folder,
  })
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('recipe: backtracking-only')])
})

it.skipIf(process.platform === 'win32')('takes a recipe through a pipe', async () => {
  const { stdout, stderr } = await shell(`cairn curate <(cat '${at('plain.yaml')}') --show; echo code $?`)
  expect([stderr, stdout]).toEqual(['', expect.stringMatching(/name: plain\n[^]*code 0/)])
})
