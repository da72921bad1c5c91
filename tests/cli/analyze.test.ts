import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasSharedData, SHARED_DATA } from '../unit/shared-data.ts'
import { sampleLines, SAMPLE_RUNS } from '../unit/engine/support.ts'
import { zipOf } from '../unit/importers/input/support.ts'
import { cairn, shell, type Ran } from './run.ts'

const BEHAVIOURS = ['verification', 'backtracking', 'subgoal_setting', 'backward_chaining'] as const

interface RunRow {
  run: string
  checkpoint: number | null
  traces: number
  accuracy: number | null
  length: number | null
  behaviours: Record<(typeof BEHAVIOURS)[number], { mean: number | null; share: number | null }>
}
interface Analysis {
  import: Record<'read' | 'imported' | 'duplicates' | 'rejected', number>
  runs: RunRow[]
}

let folder: string
/** The five runs, as files of one folder each. */
let files: string[]
/** A run of 40 traces for what needs no more. */
let small: string
let whole: Ran
let analysis: Analysis

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-cli-'))
  files = SAMPLE_RUNS.map((run) => {
    if (hasSharedData) return join(SHARED_DATA, 'traces/countdown-runs', run, 'eval_samples.jsonl')
    mkdirSync(join(folder, run))
    const file = join(folder, run, 'eval_samples.jsonl')
    writeFileSync(file, `${sampleLines(run).join('\n')}\n`)
    return file
  })
  mkdirSync(join(folder, 'small'))
  small = join(folder, 'small', 'tiny.jsonl')
  writeFileSync(small, `${sampleLines('dpo').slice(0, 40).join('\n')}\n`)
  whole = await cairn(['analyze', ...files, '--json', '--out', join(folder, 'annotated')])
  analysis = JSON.parse(whole.stdout) as Analysis
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const json = (ran: Ran): Analysis => JSON.parse(ran.stdout) as Analysis
/** Everything but the run's name, which follows the file's. */
const figures = ({ import: counts, runs }: Analysis) => ({
  counts,
  runs: runs.map(({ run: _run, ...row }) => row),
})

describe('cairn analyze on five Countdown runs', () => {
  it('prints JSON with exactly the documented keys, and nothing else on standard output', () => {
    expect(whole.code).toBe(0)
    expect(Object.keys(analysis)).toEqual(['import', 'runs'])
    expect(Object.keys(analysis.import)).toEqual(['read', 'imported', 'duplicates', 'rejected'])
    expect(analysis.runs.map(({ run }) => run)).toEqual([...SAMPLE_RUNS])
    for (const row of analysis.runs) {
      expect(Object.keys(row)).toEqual(['run', 'checkpoint', 'traces', 'accuracy', 'length', 'behaviours'])
      expect(Object.keys(row.behaviours)).toEqual(BEHAVIOURS)
      for (const behaviour of BEHAVIOURS)
        expect(Object.keys(row.behaviours[behaviour])).toEqual(['mean', 'share'])
    }
  })

  it('counts, scores and measures as an independent reading of the files does', () => {
    let lines = 0
    for (const file of files) {
      const rows = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as { raw_generation: string; correct: boolean })
      lines += rows.length
      const run = analysis.runs.find((row) => file.includes(`/${row.run}/`))!
      expect(run.traces).toBe(rows.length)
      expect(run.checkpoint).toBeNull()
      expect(run.accuracy).toBeCloseTo(rows.filter(({ correct }) => correct).length / rows.length, 12)
      const characters = rows.reduce((sum, row) => sum + [...row.raw_generation].length, 0)
      expect(run.length).toBeCloseTo(characters / rows.length, 9)
    }
    expect(analysis.import).toEqual({ read: lines, imported: lines, duplicates: 0, rejected: 0 })
  })

  it('counts behaviours as a recount of the annotated traces does', () => {
    const tally = new Map<string, { traces: number; steps: number[]; shown: number[] }>()
    for (const line of readFileSync(join(folder, 'annotated/traces.jsonl'), 'utf8').split('\n')) {
      if (line === '') continue
      const { run, prediction, steps } = JSON.parse(line) as {
        run: string
        steps: [number, number][]
        prediction: { behaviours: string[]; thresholds: number[]; probabilities: number[][] }
      }
      expect(prediction.behaviours).toEqual(BEHAVIOURS)
      expect(prediction.probabilities).toHaveLength(steps.length)
      const entry = tally.get(run) ?? { traces: 0, steps: [0, 0, 0, 0], shown: [0, 0, 0, 0] }
      tally.set(run, entry)
      entry.traces++
      for (const behaviour of BEHAVIOURS.keys()) {
        const threshold = prediction.thresholds[behaviour]!
        const count = prediction.probabilities.filter((row) => row[behaviour]! >= threshold).length
        entry.steps[behaviour]! += count
        if (count > 0) entry.shown[behaviour]!++
      }
    }
    for (const { run, traces, behaviours } of analysis.runs) {
      const entry = tally.get(run)!
      expect(entry.traces).toBe(traces)
      BEHAVIOURS.forEach((behaviour, index) => {
        expect(behaviours[behaviour].mean).toBeCloseTo(entry.steps[index]! / traces, 12)
        expect(behaviours[behaviour].share).toBeCloseTo(entry.shown[index]! / traces, 12)
      })
    }
    expect(analysis.runs.some(({ behaviours }) => behaviours.verification.mean! > 0)).toBe(true)
  })

  it('writes a manifest of what it read', () => {
    const manifest = JSON.parse(
      readFileSync(join(folder, 'annotated/traces.jsonl.manifest.json'), 'utf8'),
    ) as {
      sources: { sha256: string }[]
      output: { rows: number }
    }
    expect(manifest.output.rows).toBe(analysis.import.imported)
    expect(manifest.sources).toHaveLength(files.length)
  })

  it('says the same as CSV', async () => {
    const { stdout, code } = await cairn(['analyze', ...files, '--csv'])
    expect(code).toBe(0)
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toBe(
      `run,checkpoint,traces,accuracy,length,${BEHAVIOURS.map((b) => `${b}_mean,${b}_share`).join(',')}`,
    )
    expect(rows.map((row) => row.split(',').map((cell) => (cell === '' ? null : cell)))).toEqual(
      analysis.runs.map(({ run, checkpoint, traces, accuracy, length, behaviours }) => [
        run,
        checkpoint,
        ...[
          traces,
          accuracy,
          length,
          ...BEHAVIOURS.flatMap((b) => [behaviours[b].mean, behaviours[b].share]),
        ].map(String),
      ]),
    )
  })

  it('leaves nothing behind and writes no progress into a pipe', async () => {
    const temporary = join(folder, 'tmp')
    mkdirSync(temporary)
    const { code, stderr, stdout } = await cairn(['analyze', small], { env: { TMPDIR: temporary } })
    expect(code).toBe(0)
    expect(readdirSync(temporary)).toEqual([])
    // eslint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/[\r\x1b]/)
    expect(stderr).toContain('40 read = 40 imported + 0 duplicates + 0 rejected')
    expect(stdout).toMatch(/^run +checkpoint +traces/)
    expect(stdout).toMatch(/^tiny +– +40 /m)
  })
})

describe('cairn analyze on other ways to hand over the same traces', () => {
  let plain: Analysis
  beforeAll(async () => {
    plain = json(await cairn(['analyze', small, '--json']))
    expect(plain.runs[0]!.traces).toBe(40)
  })

  it.each([
    ['gzip', (data: Buffer) => gzipSync(data), 'tiny.jsonl.gz'],
    ['zstd', (data: Buffer) => zstdCompressSync(data), 'tiny.jsonl.zst'],
    ['gzip without its ending', (data: Buffer) => gzipSync(data), 'tiny'],
  ])('%s', async (_, pack, name) => {
    const packed = join(folder, name)
    writeFileSync(packed, pack(readFileSync(small)))
    expect(json(await cairn(['analyze', packed, '--json']))).toEqual(plain)
  })

  it('a zip', async () => {
    const zip = join(folder, 'packed.zip')
    writeFileSync(zip, zipOf([{ name: basename(small), data: readFileSync(small) }]))
    expect(json(await cairn(['analyze', zip, '--json']))).toEqual(plain)
  })

  it('a folder', async () => {
    expect(json(await cairn(['analyze', join(folder, 'small'), '--json']))).toEqual(plain)
  })

  it.each([
    ['plain', (data: Buffer) => data],
    ['gzipped', (data: Buffer) => gzipSync(data)],
  ])('standard input, %s', async (_, pack) => {
    const ran = await cairn(['analyze', '-', '--json', '--run', 'tiny'], { input: pack(readFileSync(small)) })
    expect(json(ran)).toEqual(plain)
  })

  it('two copies count once, and add up', async () => {
    const copy = join(folder, 'copy')
    mkdirSync(copy)
    cpSync(small, join(copy, basename(small)))
    const twice = json(await cairn(['analyze', small, copy, '--json']))
    expect(twice.import).toEqual({ read: 80, imported: 40, duplicates: 40, rejected: 0 })
    expect(twice.runs).toEqual(plain.runs)
  })

  it('--unit episodes never counts more than steps', async () => {
    const episodes = json(await cairn(['analyze', small, '--json', '--unit', 'episodes']))
    for (const behaviour of BEHAVIOURS) {
      const [a, b] = [episodes.runs[0]!.behaviours[behaviour], plain.runs[0]!.behaviours[behaviour]]
      expect(a.mean).toBeLessThanOrEqual(b.mean!)
      expect(a.share).toBe(b.share)
    }
  })

  it('gives null where the file does not say', async () => {
    const file = join(folder, 'pairs.jsonl')
    writeFileSync(file, '{"prompt":"2+2?","completion":"4. Let me check: 2+2=4."}\n')
    const [run] = json(await cairn(['analyze', file, '--json'])).runs
    expect(run).toMatchObject({ run: 'pairs', checkpoint: null, traces: 1, accuracy: null, length: 23 })
  })

  it('the same input gives the same bytes', async () => {
    const again = await cairn(['analyze', ...files, '--json', '--out', join(folder, 'again')])
    expect(again.stdout).toBe(whole.stdout)
    for (const file of ['traces.jsonl', 'traces.jsonl.manifest.json'])
      expect(
        readFileSync(join(folder, 'again', file)).equals(readFileSync(join(folder, 'annotated', file))),
      ).toBe(true)
    expect(figures(analysis)).toEqual(figures(json(again)))
  })
})

describe('exit codes and messages', () => {
  it('a bad record costs itself; --strict says so with 3', async () => {
    const file = join(folder, 'bad.jsonl')
    writeFileSync(file, `${sampleLines('dpo').slice(0, 3).join('\n')}\n{"id": torn\n`)
    const lenient = await cairn(['analyze', file, '--json'])
    expect(lenient.code).toBe(0)
    expect(json(lenient).import).toEqual({ read: 4, imported: 3, duplicates: 0, rejected: 1 })
    expect(lenient.stderr).toContain(`${file}:4`)
    const strict = await cairn(['analyze', file, '--json', '--strict'])
    expect(strict.code).toBe(3)
    expect(strict.stdout).toBe(lenient.stdout)
    expect((await cairn(['analyze', small, '--strict'])).code).toBe(0)
  })

  it('a missing file is named, with 1', async () => {
    const { code, stderr, stdout } = await cairn(['analyze', join(folder, 'nowhere.jsonl')])
    expect(code).toBe(1)
    expect(stderr).toContain('nowhere.jsonl')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout.split('\n')[1] ?? '').toBe('')
  })

  it('a file of nothing known is named, with 1', async () => {
    const file = join(folder, 'numbers.json')
    writeFileSync(file, '[1, 2, 3]')
    const { code, stderr } = await cairn(['analyze', file])
    expect(code).toBe(1)
    expect(stderr).toContain('numbers.json')
  })

  it('a missing file among good ones is found before any work is done', async () => {
    const { code, stdout, stderr } = await cairn(['analyze', small, join(folder, 'nowhere.jsonl'), '--json'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('nowhere.jsonl')
  })

  it('an unreadable file among good ones does not stop them', async () => {
    const file = join(folder, 'numbers.json')
    writeFileSync(file, '[1, 2, 3]')
    const { code, stdout, stderr } = await cairn(['analyze', file, small, '--json'])
    expect(stderr).toContain('numbers.json')
    expect((JSON.parse(stdout) as Analysis).import.imported).toBe(40)
    expect(code).toBe(0)
    expect((await cairn(['analyze', file, small, '--strict'])).code).toBe(3)
  })

  it.each([
    ['no file', ['analyze']],
    ['an unknown option', ['analyze', 'x.jsonl', '--nonsense']],
    ['an unknown command', ['analyse', 'x.jsonl']],
    ['a bad choice', ['analyze', 'x.jsonl', '--device', 'tpu']],
    ['a bad number', ['analyze', 'x.jsonl', '--checkpoint', 'ten']],
    ['a mapping that is none', ['analyze', 'README.md', '--mapping', 'README.md']],
  ])('%s is wrong use: 2, with nothing on standard output', async (_, args) => {
    const { code, stdout, stderr } = await cairn(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toBe('')
  })

  it('an unknown shape is wrong use too', async () => {
    const { code, stderr } = await cairn(['analyze', small, '--shape', 'no_such_shape'])
    expect(stderr).toContain('no_such_shape')
    expect(code).toBe(2)
  })

  it('help goes to standard output with 0', async () => {
    const { code, stdout, stderr } = await cairn(['analyze', '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('backward_chaining')
  })

  it('a reader that stops early is no failure', async () => {
    const temporary = join(folder, 'tmp-epipe')
    mkdirSync(temporary)
    for (const reader of ['head -1', 'true']) {
      const ran = await shell(`cairn analyze '${small}' --json | ${reader}; echo "codes \${PIPESTATUS[0]}"`, {
        TMPDIR: temporary,
      })
      expect(ran.stdout).toContain('codes 0')
      expect(ran.stderr).not.toContain('EPIPE')
    }
    expect(readdirSync(temporary)).toEqual([])
  })

  it.each([0, 200, 600, 1000])(
    'Ctrl+C after %i ms ends with 130 and leaves nothing behind',
    async (after) => {
      const temporary = join(folder, `tmp-sigint-${after}`)
      mkdirSync(temporary)
      const stores = () =>
        readdirSync(temporary).filter((name) => existsSync(join(temporary, name, 'cairn.db')))
      const ran = await cairn(['analyze', ...files, '--json'], {
        env: { TMPDIR: temporary },
        // Once the store is there, the command is at work.
        onStart: async (child) => {
          await expect.poll(stores, { interval: 10, timeout: 20_000 }).toHaveLength(1)
          await sleep(after)
          child.kill('SIGINT')
        },
      })
      expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 130, stdout: '' })
      expect(ran.stderr).toContain('Stopped')
      expect(readdirSync(temporary)).toEqual([])
    },
  )
})
