import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createAtomicFolder } from '#engine/exporters/dataset/folder.ts'
import { portableNames } from '#engine/services/curate-source.ts'

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
  expect(portableNames(['/d/runs/a/x.jsonl', '/d/runs/b/x.jsonl'])).toEqual(['a/x.jsonl', 'b/x.jsonl'])
  expect(portableNames(['step_1/eval.jsonl', 'step_2/eval.jsonl', 'all.jsonl'])).toEqual([
    'step_1/eval.jsonl',
    'step_2/eval.jsonl',
    'all.jsonl',
  ])
  expect(portableNames(['runs/a/x.jsonl', 'runs/b/x.jsonl'])).toEqual(['a/x.jsonl', 'b/x.jsonl'])
  expect(portableNames(['step_1/eval.jsonl'])).toEqual(['eval.jsonl'])
  expect(portableNames(['../secret/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
  expect(portableNames(['/d/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
})

it('names members of archives by the archive', () => {
  const members = ['d.zip!run/a.jsonl', 'd.zip!run/b.jsonl']
  expect(portableNames(members.map((name) => `/d/${name}`))).toEqual(members)
  expect(portableNames(['/d/d.zip!run/a.jsonl'])).toEqual(['d.zip!run/a.jsonl'])
  expect(portableNames(['/ada!/d.zip!run/a.jsonl'])).toEqual(['d.zip!run/a.jsonl'])
  expect(portableNames(['/ada!/x.jsonl'])).toEqual(['x.jsonl'])
  expect(portableNames(['/d/a.tgz!in.zip!x.jsonl', '/d/y.jsonl'])).toEqual([
    'a.tgz!in.zip!x.jsonl',
    'y.jsonl',
  ])
})

it('names inputs of Windows, on any system, by nothing of where they lay', () => {
  expect(portableNames(['C:/Users/ada/x.jsonl'])).toEqual(['x.jsonl'])
  expect(portableNames(['C:/Users/ada/a/x.jsonl', 'C:/Users/ada/b/x.jsonl'])).toEqual([
    'a/x.jsonl',
    'b/x.jsonl',
  ])
  expect(portableNames(['C:/Users/ada/x.jsonl', 'D:/y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
  expect(portableNames(['C:/Users/ada/x.jsonl', 'y.jsonl'])).toEqual(['x.jsonl', 'y.jsonl'])
})
