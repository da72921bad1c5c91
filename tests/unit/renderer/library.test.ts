import { describe, expect, it } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { ImportDraft } from '#renderer/features/library/import.svelte.ts'
import { filterOf, groupRuns, type RunStats } from '#renderer/features/library/run-rows.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve))

describe('an import being prepared', () => {
  it('waits for nothing once its last path is taken away', async () => {
    const answers: ((preview: unknown) => void)[] = []
    const call = (method: string) =>
      method === 'imports.preview' ? new Promise((answer) => answers.push(answer)) : Promise.resolve([])
    const draft = new ImportDraft({ call } as unknown as Engine, ['/data/a.jsonl'])
    expect(draft.busy).toBe(true)
    draft.setPaths([])
    expect(draft).toMatchObject({ busy: false, preview: null })
    answers[0]!({ files: [], skipped: [] })
    await turn()
    expect(draft).toMatchObject({ busy: false, preview: null })
  })
})

describe('rows of runs', () => {
  const filters = (...given: [run: string, checkpoint: number | null][]) =>
    groupRuns(given.map(([run, checkpoint]) => ({ run, checkpoint }) as unknown as RunStats)).map((group) =>
      group.rows.map((row) => filterOf(row, group)),
    )

  it('lead to the traces that they count', () => {
    const at = (step: number) => ({ runs: ['grpo'], checkpoint: { min: step, max: step } })
    expect(filters(['grpo', 200], ['grpo', 100], ['base', null])).toEqual([
      [at(100), at(200)],
      [{ runs: ['base'] }],
    ])
  })

  it('lead nowhere where no filter tells their traces from the others of the run', () => {
    expect(filters(['grpo', 100], ['grpo', null])).toEqual([
      [null, { runs: ['grpo'], checkpoint: { min: 100, max: 100 } }],
    ])
  })
})
