import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sampleLines } from '../unit/engine/support.ts'
import { cairn } from './run.ts'

it('asks a server, prints how its counts compare, and compares again without asking', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-judge-'))
  let keys: (string | undefined)[] = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    response.end(JSON.stringify({ choices: [{ message: { content: '<count>2</count>' } }] }))
  }).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const workspace = join(folder, 'study')
    const file = join(folder, 'rollouts.jsonl')
    writeFileSync(file, sampleLines('dpo').slice(0, 3).join('\n'))
    expect((await cairn(['import', file, '-w', workspace])).code).toBe(0)

    const unknown = await cairn(['judge', '-w', workspace, '--model', 'local'])
    expect(unknown.code).not.toBe(0)
    expect(unknown.stderr).toContain('No answers of "local" are kept here')

    const env = { CAIRN_JUDGE_KEY: 'secret' }
    const asked = await cairn(['judge', '-w', workspace, '--model', 'local', '--url', url, '--json'], { env })
    expect(asked.code).toBe(0)
    expect(keys).toEqual(Array.from({ length: 12 }, () => 'Bearer secret'))
    const told = JSON.parse(asked.stdout) as { answered: number; behaviours: { total: number }[] }
    expect(told.answered).toBe(12)
    expect(told.behaviours.map(({ total }) => total)).toEqual([6, 6, 6, 6])

    keys = []
    const again = await cairn(['judge', '-w', workspace, '--model', 'local', '--json'])
    expect(JSON.parse(again.stdout)).toEqual(told)
    expect(keys).toEqual([])
  } finally {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
