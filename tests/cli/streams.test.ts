import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cairn, shell } from './run.ts'

let folder: string
const at = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-streams-'))
  const rows = Array.from({ length: 30 }, (_, n) => ({
    prompt: `What is ${n} + 1?`,
    response: `Wait. It is ${n + 1}.`,
  }))
  writeFileSync(at('rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32')('streams that end before the work', () => {
  it('standard error that nobody reads ends nothing', async () => {
    const { stdout } = await shell(
      `cairn verify '${at('rows.jsonl')}' --json 2> >(exec true) | wc -l; echo codes "\${PIPESTATUS[0]}"`,
    )
    expect(stdout).toBe('30\ncodes 0\n')
  })

  it.skipIf(process.platform !== 'linux')(
    'a full disk behind standard output is told in a line',
    async () => {
      const { code, stderr } = await shell(`cairn curate --list > /dev/full`)
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^cairn: the output cannot be written: ENOSPC.*\n$/),
      ])
    },
  )

  it('a terminal that is closed ends the work in order and leaves nothing behind', async () => {
    const temporary = at('tmp')
    mkdirSync(temporary)
    const ran = await cairn(['analyze', at('rows.jsonl'), '--json'], {
      env: { TMPDIR: temporary },
      onStart: async (child) => {
        await expect.poll(() => readdirSync(temporary), { interval: 10, timeout: 20_000 }).toHaveLength(1)
        child.kill('SIGHUP')
      },
    })
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 130, stdout: '' })
    expect(readdirSync(temporary)).toEqual([])
  })
})
