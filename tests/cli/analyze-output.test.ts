import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cairn } from './run.ts'

const ROW = `${JSON.stringify({ prompt: '2+2?', completion: '4. Let me check: 2+2=4.' })}\n`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-output-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('leaves what stands in --out alone, its own input above all, unless --force says otherwise', async () => {
  const out = join(folder, 'mine')
  mkdirSync(out)
  const file = join(out, 'traces.jsonl')
  writeFileSync(file, ROW)
  const refused = await cairn(['analyze', file, '--out', out])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(`${file} exists already`)
  // It is said before anything is read or classified.
  expect(refused.stderr).not.toMatch(/imported|classified/)
  expect(readFileSync(file, 'utf8')).toBe(ROW)
  expect(readdirSync(out)).toEqual(['traces.jsonl'])

  const forced = await cairn(['analyze', file, '--out', out, '--force'])
  expect(forced.code).toBe(0)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('prediction')
})

it('takes a manifest that is there for what it is', async () => {
  const input = join(folder, 'one.jsonl')
  writeFileSync(input, ROW)
  const out = join(folder, 'old')
  mkdirSync(out)
  writeFileSync(join(out, 'traces.jsonl.manifest.json'), '{}')
  const { code, stderr } = await cairn(['analyze', input, '--out', out])
  expect([code, stderr]).toEqual([1, expect.stringContaining('traces.jsonl.manifest.json exists already')])
})
