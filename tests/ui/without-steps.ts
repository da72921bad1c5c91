import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const LINES = ['I add them.', 'Wait, that is wrong.']

export function withoutStepsTests(app: () => App): void {
  it('shows the labels of a line one by one, and says what their targets need', async () => {
    const { handlers } = app().engine()
    const path = join(app().folder, 'unclassified.jsonl')
    await writeFile(path, JSON.stringify({ run: 'unclassified', prompt: 'p', response: LINES.join('\n') }))
    const { id } = await handlers['imports.start']({ paths: [path] })
    await handlers['jobs.wait']({ id })
    const [row] = await handlers['traces.list']({
      ...{ filter: { runs: ['unclassified'] }, sort: { by: 'id', descending: false } },
      ...{ offset: 0, limit: 1 },
    })
    const label = async (line: number, behaviour: 'verification' | 'backtracking') => {
      const start = line * (LINES[0]!.length + 1)
      await handlers['labels.add']({
        ...{ traceId: row!.id, span: { start, end: start + LINES[line]!.length }, behaviour },
        ...{ annotator: 'Ada', verdict: 'present', target: null, note: '' },
      })
    }
    await label(0, 'verification')
    await label(1, 'verification')
    await label(1, 'backtracking')

    const page = await app().open(`#/trace/${row!.id}`)
    await page.getByRole('button', { name: 'Show 1 label here' }).waitFor()
    await page.getByRole('button', { name: 'Show 2 labels here' }).click()
    const card = page.getByRole('dialog', { name: 'Labels here' })
    await expect.poll(() => card.getByRole('button').count()).toBe(2)
    await page.keyboard.press('Enter')
    await expect.poll(() => card.count()).toBe(0)
    await page.keyboard.press('t')
    await page.locator('.toast', { hasText: 'The trace has no steps yet: classify it first.' }).waitFor()
    expect(await page.getByRole('region', { name: 'Pick a target' }).count()).toBe(0)
  })
}
