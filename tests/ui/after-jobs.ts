import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

/** What a person is at when a job ends stays as it is: views read anew, but keep place, rows and what was typed. */
export function afterJobsTests(app: () => App): void {
  const handlers = () => app().engine().handlers

  /** A job that changes a trace, and its end as the page hears of it. */
  async function job(page: Page): Promise<void> {
    const input = {
      filter: { ids: [3] },
      model: 'cairn-fast',
      device: 'cpu' as const,
      force: true,
      beside: false,
    }
    await handlers()['jobs.wait']({ id: (await handlers()['classify.start'](input)).id })
    // Views wait a second and a half at most before they read again.
    await page.waitForTimeout(3_000)
  }

  it('rows far from the cursor stay in view', async () => {
    const page = await app().open('#/traces')
    const table = page.getByRole('grid', { name: 'Traces' })
    await table.getByRole('row').nth(3).waitFor()
    await table.evaluate((element) => (element.scrollTop = 60_000))
    const rows = table.locator('.body')
    await expect.poll(() => rows.first().getAttribute('aria-rowindex')).not.toBe('2')
    await expect.poll(() => table.locator('.wait').count()).toBe(0)
    const first = (await rows.first().getAttribute('aria-rowindex'))!
    await job(page)
    await expect.poll(() => table.locator('.wait').count()).toBe(0)
    expect(await rows.count()).toBeGreaterThan(5)
    expect(await rows.first().getAttribute('aria-rowindex')).toBe(first)
  })

  it('traces listed for having no labels go when they are labelled in another window', async () => {
    const page = await app().open('#/traces?labelled=no')
    const table = page.getByRole('grid', { name: 'Traces' })
    await table.getByRole('row').nth(3).waitFor()
    const library = await app().open('#/library')
    const shown = library.locator('dl > div').filter({ hasText: 'labels' }).locator('dd')
    await shown.waitFor()
    const labels = Number(await shown.textContent())
    const sort = { by: 'id', descending: false } as const
    const filter = { labelled: false }
    const [row] = await handlers()['traces.list']({ filter, sort, offset: 0, limit: 1 })
    const before = Number(await table.getAttribute('aria-rowcount'))
    const { id } = await handlers()['labels.add']({
      ...{ traceId: row!.id, span: { start: 0, end: 5 }, behaviour: 'backtracking', annotator: 'Eve' },
      ...{ verdict: 'present', target: null, note: '' },
    })
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(before - 1))
    await expect.poll(() => shown.textContent()).toBe(String(labels + 1))
    await handlers()['labels.remove']({ id })
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(before))
  })

  it('the text that is being read stays where it is', async () => {
    const sort = { by: 'length', descending: true } as const
    const [row] = await handlers()['traces.list']({ filter: {}, sort, offset: 14, limit: 1 })
    const page = await app().open(`#/trace/${row!.id}`)
    const list = page.getByRole('listbox', { name: 'Response' })
    await list.waitFor()
    for (let time = 0; time < 12; time++) {
      await list.evaluate(
        ({ parentElement }) => (parentElement!.scrollTop += parentElement!.clientHeight / 2),
      )
      await page.waitForTimeout(60)
    }
    const places = () =>
      page
        .locator('[data-from]')
        .evaluateAll((all) =>
          all.map((one) => `${one.getAttribute('data-from')} ${Math.round(one.getBoundingClientRect().top)}`),
        )
    await page.waitForTimeout(600)
    const before = await places()
    expect(before.length).toBeGreaterThan(3)
    await job(page)
    expect(await places()).toEqual(before)
  })

  it('the tree beside a text, and two side by side, are of the behaviours that were found', async () => {
    const path = join(app().folder, 'unread.jsonl')
    const round = (x: number) =>
      `So x is ${x}.\n\nWait, ${x} is wrong.\n\nAlternatively, let me try another way.`
    const row = (...tries: number[]) =>
      JSON.stringify({ prompt: 'What is x?', response: tries.map(round).join('\n\n') })
    await writeFile(path, `${row(4, 5, 6)}\n${row(7, 8, 9)}\n`)
    const started = await handlers()['imports.start']({ paths: [path] })
    await handlers()['jobs.wait']({ id: started.id })
    const sort = { by: 'id', descending: true } as const
    const rows = await handlers()['traces.list']({ filter: {}, sort, offset: 0, limit: 2 })
    const [a, b] = rows.map(({ id }) => id)
    const one = await app().open(`#/trace/${a}`)
    const two = await app().open(`#/pair/${a}?with=${b}`)
    const trees = [
      one.getByRole('treeitem'),
      ...['Left tree', 'Right tree'].map((name) => two.getByRole('region', { name }).getByRole('treeitem')),
    ]
    // Nothing is known of its steps yet: the problem and one stretch.
    for (const items of trees) await expect.poll(() => items.count()).toBe(2)
    const input = { filter: { ids: [a!, b!] }, model: 'cairn-fast', device: 'cpu' as const, force: false }
    await handlers()['jobs.wait']({ id: (await handlers()['classify.start'](input)).id })
    for (const items of trees) await expect.poll(() => items.count(), { timeout: 10_000 }).toBeGreaterThan(2)
  })

  it('what was typed to mend a record beyond the first hundred stays', async () => {
    const path = join(app().folder, 'broken.jsonl')
    const broken = Array.from({ length: 130 }, (_, at) => `{"prompt": "p${at}", "response": "cut`)
    await writeFile(path, ['{"prompt": "p", "response": "So it is."}', ...broken].join('\n'))
    const started = await handlers()['imports.start']({ paths: [path] })
    await handlers()['jobs.wait']({ id: started.id })
    const source = (await handlers()['workspace.sources']({})).find(({ rejected }) => rejected === 130)
    const page = await app().open(`#/rejects/${source!.id}`)
    const records = page.getByRole('article')
    await expect.poll(() => records.count()).toBe(100)
    await page.getByRole('button', { name: 'Show more' }).click()
    await expect.poll(() => records.count()).toBe(130)
    await records.nth(120).getByRole('button', { name: 'Mend…' }).click()
    await page.getByLabel('Text of the record').fill('half of it')
    await job(page)
    expect(await records.count()).toBe(130)
    expect(await page.getByLabel('Text of the record').inputValue()).toBe('half of it')
  })

  it('a recipe that was not saved comes back when another was picked by mistake', async () => {
    const page = await app().open('#/curate')
    await page.locator('.results .sum').waitFor()
    await page.getByLabel('Rows', { exact: true }).fill('37')
    await page.keyboard.press('Tab')
    await page.getByText('changed', { exact: true }).waitFor()
    const menu = page.getByRole('combobox', { name: 'Recipe', exact: true })
    const before = await menu.inputValue()
    await menu.selectOption({ index: 2 })
    expect(await menu.inputValue()).not.toBe(before)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => menu.inputValue()).toBe(before)
    expect(await page.getByLabel('Rows', { exact: true }).inputValue()).toBe('37')
  })
}
