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

    const unasked = await cairn(['judge', '-w', workspace, '--model', 'local', '--sample', '5'])
    expect(unasked.code).toBe(2)
    expect(unasked.stderr).toContain('--sample says what is asked')
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

    // Options that select traces hold for the comparison.
    const some = await cairn(['judge', '-w', workspace, '--model', 'local', '--json', '--max-length', '1'])
    const { behaviours } = JSON.parse(some.stdout) as { behaviours: { total: number }[] }
    expect(behaviours.map(({ total }) => total)).toEqual([0, 0, 0, 0])
  } finally {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

it.each([
  ['judge', ['judge', '--model', 'local']],
  ['rewrite', ['rewrite', 'rows.jsonl', '--model', 'local']],
])('%s exits with 1 where requests failed, and tells how many', async (_, args) => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-refused-'))
  const server = createServer((_, response) => void response.writeHead(400).end('too long')).listen(
    0,
    '127.0.0.1',
  )
  try {
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const workspace = join(folder, 'study')
    const file = join(folder, 'rollouts.jsonl')
    writeFileSync(file, sampleLines('dpo').slice(0, 2).join('\n'))
    await cairn(['import', file, '-w', workspace])
    const ran = await cairn([...args, '-w', workspace, '--url', url], { cwd: folder })
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/[28] failed/)])
  } finally {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
