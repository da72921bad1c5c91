import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { cairn, type Ran } from './run.ts'

/** A row as `cairn generate` writes it, labels and all. */
export interface Labelled {
  id: string
  prompt: string
  text: string
  correct: boolean
  behaviours: string[]
  annotations: { behaviours: string[] }[]
}

/** Where a row of a set comes from. */
export interface Provenance {
  file: string
  row: number
  traces: {
    source: string
    key: string
    correct: boolean
    behaviours: Record<string, number>
    characters: number
  }[]
}

export interface Written {
  text: string
  trace: Provenance['traces'][number]
  source: Labelled
}

/** Lines of a file, each parsed as JSON. */
export const jsonl = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** Labelled traces to make sets from, for the tests of a file: 240 of all kinds and 40 that are wrong. */
export function generatedTraces() {
  let folder: string
  let sources: Map<string, Labelled>
  const at = (...parts: string[]): string => join(folder, ...parts)
  const from = (): string[] => ['--from', at('right.jsonl'), at('wrong.jsonl')]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cairn-curate-'))
    const sets = [
      'all',
      'backtracking',
      'backtracking,verification',
      'backtracking,subgoal_setting',
      'backtracking,backward_chaining',
      'none',
    ]
    const make = (name: string, ...more: string[]) =>
      cairn(['generate', 'countdown', '--out', at(name), ...more])
    expect((await make('right.jsonl', '--count', '240', '--behaviours', ...sets)).code).toBe(0)
    expect((await make('wrong.jsonl', '--count', '40', '--seed', '2', '--incorrect')).code).toBe(0)
    sources = new Map(
      ['right.jsonl', 'wrong.jsonl'].flatMap((name) =>
        jsonl(at(name)).map(
          (row) => [`${name}:${(row as unknown as Labelled).id}`, row as unknown as Labelled] as const,
        ),
      ),
    )
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  return {
    /** A place in the folder of the tests. */
    at,
    sourceOf: (trace: { source: string; key: string }): Labelled =>
      sources.get(`${trace.source}:${trace.key}`)!,
    curate: (...args: string[]): Promise<Ran> => cairn(['curate', ...args]),
    /** Makes a set of the traces, in the folder of that name. */
    make: (recipe: string, name: string, ...more: string[]): Promise<Ran> =>
      cairn(['curate', recipe, ...from(), '--out', at(name), ...more]),

    /** Rows of a set with the source of each, the text as its format has it. */
    written(name: string, text = (row: Record<string, unknown>) => String(row['completion'])): Written[] {
      const files = new Map<string, Record<string, unknown>[]>()
      return (jsonl(at(name, 'provenance.jsonl')) as unknown as Provenance[]).map(({ file, row, traces }) => {
        if (!files.has(file)) files.set(file, jsonl(at(name, file)))
        const trace = traces[0]!
        return {
          text: text(files.get(file)![row]!),
          trace,
          source: sources.get(`${trace.source}:${trace.key}`)!,
        }
      })
    },
  }
}
