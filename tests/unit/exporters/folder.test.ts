import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createAtomicFolder } from '#engine/exporters/dataset/folder.ts'
import { portableNames } from '#engine/services/curate-source.ts'

/** Names of files that lie where their names say; of members of an archive where that lies. */
const portable = (names: readonly string[], path = (name: string): string | null => name) =>
  portableNames(names.map((name) => ({ name, path: path(name) })))

const folder = mkdtempSync(join(tmpdir(), 'cairn-folder-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it.each([true, false])('leaves alone what came to its place meanwhile (overwrite: %s)', async (overwrite) => {
  const out = join(folder, `out-${overwrite}`)
  const made = await createAtomicFolder(out, { overwrite })
  await made.put('README.md', 'a set')
  mkdirSync(out)
  writeFileSync(join(out, 'notes.txt'), 'mine')
  await expect(made.commit()).rejects.toMatchObject({ code: 'output_exists' })
  await made.abort()
  expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine')
  expect(readdirSync(out)).toEqual(['notes.txt'])
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})

it('of two sets made at once for one place, keeps the first', async () => {
  const out = join(folder, 'twice')
  const [first, second] = await Promise.all([1, 2].map(() => createAtomicFolder(out, { overwrite: false })))
  for (const [at, made] of [first!, second!].entries()) await made.put('manifest.json', String(at))
  await first!.commit()
  await expect(second!.commit()).rejects.toMatchObject({ code: 'output_exists' })
  await second!.abort()
  expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe('0')
  expect(existsSync(out)).toBe(true)
})

it('names inputs by what tells them apart, and by nothing of where they lay', () => {
  expect(portable(['/d/runs/a/x.jsonl', '/d/runs/b/x.jsonl'])).toEqual(['a/x.jsonl', 'b/x.jsonl'])
  expect(portable(['step_1/eval.jsonl', 'step_2/eval.jsonl', 'all.jsonl'])).toEqual([
    'step_1/eval.jsonl',
    'step_2/eval.jsonl',
    'all.jsonl',
  ])
  expect(portable(['runs/a/x.jsonl', 'runs/b/x.jsonl'])).toEqual(['a/x.jsonl', 'b/x.jsonl'])
  expect(portable(['step_1/eval.jsonl'])).toEqual(['eval.jsonl'])
  expect(portable(['../secret/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
  expect(portable(['/d/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
})

it('names members of archives by the archive', () => {
  const members = ['d.zip!run/a.jsonl', 'd.zip!run/b.jsonl']
  const lying = [() => '/ada!/d.zip', () => 'C:\\ada!\\d.zip', () => null]
  for (const path of lying) {
    expect(portable(members, path)).toEqual(members)
    expect(
      portable(
        members.map((name) => `/ada!/${name}`),
        path,
      ),
    ).toEqual(members)
    expect(portable(['/ada!/d.zip!run/a.jsonl'], path)).toEqual(['d.zip!run/a.jsonl'])
  }
  const nested = ['/d/a.tgz!in.zip!x.jsonl', '/d/y.jsonl']
  expect(portable(nested, (name) => name.split('!')[0]!)).toEqual(['a.tgz!in.zip!x.jsonl', 'y.jsonl'])
  const bothMarks = ['/wow!nice/d.zip!x.jsonl', '/wow!nice/d.zip!y.jsonl']
  expect(portable(bothMarks, () => '/wow!nice/d.zip')).toEqual(['d.zip!x.jsonl', 'd.zip!y.jsonl'])
})

it('takes no folder for an archive because of its name', () => {
  expect(portable(['/ada!/x.jsonl'])).toEqual(['x.jsonl'])
  expect(portable(['/d/wow!nice/x.jsonl'])).toEqual(['x.jsonl'])
  expect(portable(['/d/!new/x!1.jsonl'])).toEqual(['x!1.jsonl'])
  expect(portable(['/d/wow!nice/x.jsonl', '/d/wow!nice/y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
  expect(portable(['/d/a!b/x.jsonl', '/d/c/y.jsonl'])).toEqual(['a!b/x.jsonl', 'c/y.jsonl'])
})

it('names inputs of Windows, on any system, by nothing of where they lay', () => {
  expect(portable(['C:/Users/ada/x.jsonl'])).toEqual(['x.jsonl'])
  expect(portable(['C:/Users/ada/a/x.jsonl', 'C:/Users/ada/b/x.jsonl'])).toEqual(['a/x.jsonl', 'b/x.jsonl'])
  expect(portable(['C:/Users/ada/x.jsonl', 'D:/y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
  expect(portable(['C:/Users/ada/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
})
