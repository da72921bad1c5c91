import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { follow, withTemporaryWorkspace, withWorkspace, type Session } from '../../src/cli/session.ts'
import { cairn } from './run.ts'

const ROW = `${JSON.stringify({ prompt: '2+2?', completion: '4. Let me check: 2+2=4.' })}\n`

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-jobs-'))
  writeFileSync(at('rows.jsonl'), ROW)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a job that is stopped', () => {
  /** As Ctrl+C does. */
  const stop = async ({ client }: Session) => {
    const job = await client.call('imports.start', { paths: [at('rows.jsonl')] })
    await client.call('jobs.cancel', { id: job.id })
    await follow(client, job, 'Importing')
  }

  it('is gone on with in its workspace', async () => {
    const workspace = at('stopped')
    await expect(withWorkspace(workspace, { create: true }, stop)).rejects.toMatchObject({
      code: 'cancelled',
      message: `Stopped. What was done is kept; "cairn jobs resume 1 -w ${workspace}" goes on from there.`,
    })
    expect((await cairn(['jobs', 'resume', '1', '-w', workspace])).code).toBe(0)
  })

  it('has nothing to go on with where nothing is kept', async () => {
    await expect(withTemporaryWorkspace(stop)).rejects.toMatchObject({
      code: 'cancelled',
      message: 'Stopped.',
    })
  })
})

describe('a job that is resumed from another folder', () => {
  const there = () => at('there')
  const study = () => ['-w', at('study')]
  const resume = (id: number) => cairn(['jobs', 'resume', String(id), ...study()], { cwd: at('elsewhere') })
  const inputs = async () =>
    (await cairn(['jobs', 'list', '--json', ...study()])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; input: { path: string } })

  beforeAll(() => {
    mkdirSync(at('there'))
    mkdirSync(at('elsewhere'))
  })

  it('imports what was named, under the name it was given', async () => {
    // The run of a bare "samples.jsonl" is not told by the folder it lies in; of grpo/samples.jsonl it is.
    const failed = await cairn(['import', 'grpo', 'samples.jsonl', ...study()], { cwd: there() })
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('grpo cannot be opened')])
    mkdirSync(at('there', 'grpo'))
    writeFileSync(at('there', 'grpo', 'samples.jsonl'), ROW)
    writeFileSync(at('there', 'samples.jsonl'), ROW.replace('2+2?', 'And 3+1?'))
    const { code, stdout, stderr } = await resume(1)
    expect([code, stderr]).toEqual([0, ''])
    const { files } = JSON.parse(stdout) as { files: { file: string; imported: number }[] }
    expect(files).toMatchObject([
      { file: 'grpo/samples.jsonl', imported: 1 },
      { file: 'samples.jsonl', imported: 1 },
    ])
    const { runs } = JSON.parse((await cairn(['stats', '--json', ...study()])).stdout) as {
      runs: { run: string }[]
    }
    expect(runs.map(({ run }) => run)).toEqual(['grpo', 'imported'])
  })

  it('exports to where it was told', async () => {
    expect((await cairn(['export', 'new/out.jsonl', ...study()], { cwd: there() })).code).toBe(1)
    mkdirSync(at('there', 'new'))
    const [failed] = await inputs()
    expect((await resume(failed!.id)).code).toBe(0)
    expect(
      readFileSync(at('there', 'new', 'out.jsonl'), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2)
  })

  it('rewrites into the file it was told', async () => {
    const server = ['--url', 'http://127.0.0.1:9/v1', '--model', 'none']
    await cairn(['rewrite', 'new/rows.jsonl', ...server, '--search', 'nothinglikethis', ...study()], {
      cwd: there(),
    })
    const [job] = await inputs()
    expect(job!.input.path).toBe(at('there', 'new', 'rows.jsonl'))
  })
})
