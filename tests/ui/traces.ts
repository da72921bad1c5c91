import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const rows = (page: Page) => page.locator('[role=row][aria-selected]')
const current = (page: Page) => page.locator('[role=row][aria-selected=true]')
const cell = (page: Page, column: number) => current(page).locator('[role=gridcell]').nth(column)
const header = (page: Page, name: string) =>
  page.getByRole('columnheader', { name }).getByRole('button', { name, exact: true })

export function tracesTests(app: () => App): void {
  it('sorts by a header, and the keyboard walks from the first row to the last', async () => {
    const page = await app().open('#/traces')
    const { handlers } = app().engine()
    const byLength = { by: 'length', descending: true } as const
    const total = await handlers['traces.count']({ filter: {} })
    const longest = await handlers['traces.list']({ filter: {}, sort: byLength, offset: 0, limit: 2 })
    await header(page, 'Length').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    await expect.poll(() => cell(page, 1).textContent()).toBe(String(longest[0]!.id))
    await page.getByRole('grid').focus()
    await page.keyboard.press('j')
    await expect.poll(() => cell(page, 1).textContent()).toBe(String(longest[1]!.id))
    await page.keyboard.press('End')
    await expect.poll(() => current(page).getAttribute('aria-rowindex')).toBe(String(total + 1))
    await page.keyboard.press('Home')
    await expect.poll(() => current(page).getAttribute('aria-rowindex')).toBe('2')
  })

  it('draws only the rows in sight', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    expect(await rows(page).count()).toBeLessThan(60)
  })

  it('opens a trace and comes back to its row', async () => {
    const page = await app().open('#/traces?correct=yes&sort=-length')
    await rows(page).first().waitFor()
    await page.getByRole('grid').focus()
    for (let times = 0; times < 3; times++) await page.keyboard.press('ArrowDown')
    const id = await cell(page, 1).textContent()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.hash === `#/trace/${id}?correct=yes&sort=-length`)
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => cell(page, 1).textContent()).toBe(id)
  })

  it('searches as one types, marks the hits, and keeps the filter in the address', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('wait')
    await page.waitForURL((url) => url.hash === '#/traces?q=wait')
    const total = await app()
      .engine()
      .handlers['traces.count']({ filter: { search: 'wait' } })
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await expect.poll(() => page.locator('mark').first().textContent()).toMatch(/^wait$/i)
  })

  it('filters by how often a behaviour occurs', async () => {
    const page = await app().open('#/traces')
    await page.getByRole('button', { name: 'Behaviours' }).click()
    await page.getByLabel('Backtracking, at least').fill('5')
    await page.keyboard.press('Enter')
    const filter = { behaviours: [{ behaviour: 'backtracking' as const, unit: 'steps' as const, min: 5 }] }
    const total = await app().engine().handlers['traces.count']({ filter })
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await page.waitForURL((url) => url.hash === '#/traces?backtracking=steps%3A5..')
  })

  it('says so when nothing fits, and takes the filter away again', async () => {
    const page = await app().open('#/traces?q=xylophonist')
    await page.getByText('No trace fits').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await rows(page).first().waitFor()
  })

  it('marks rows by keyboard and mouse, keeps the marks when the order changes, and exports them', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press(' ')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    const bar = page.getByRole('toolbar', { name: 'Marked traces' })
    await bar.getByText('3 marked').waitFor()
    await page.getByRole('checkbox', { name: 'Mark trace 6', exact: true }).click()
    await page.getByRole('checkbox', { name: 'Mark trace 9', exact: true }).click({ modifiers: ['Shift'] })
    await bar.getByText('7 marked').waitFor()
    await header(page, 'Length').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    await bar.getByText('7 marked').waitFor()
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: 'Export 7 traces' })
    const path = join(app().folder, 'marked.jsonl')
    await dialog.getByText('Whole traces').click()
    await dialog.getByLabel('File', { exact: true }).fill(path)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByText('7 rows').waitFor()
    const ids = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id)
    expect(ids.sort((a, b) => a - b)).toEqual([1, 2, 3, 6, 7, 8, 9])
    await dialog.getByRole('button', { name: 'Done' }).click()
    // The file is there now: a second export says so and leaves it as it is.
    await page.keyboard.press('e')
    await dialog.getByLabel('File', { exact: true }).fill(path)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByRole('alert').waitFor()
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(7)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('dialog').count()).toBe(0)
    await page.keyboard.press('Escape')
    await expect.poll(() => bar.count()).toBe(0)
  })

  it('marks all that fit as a filter, which another filter ends', async () => {
    const page = await app().open('#/traces?correct=no')
    await rows(page).first().waitFor()
    const total = await app()
      .engine()
      .handlers['traces.count']({ filter: { correct: false } })
    await page.keyboard.press('Control+a')
    await page.getByText(`All ${total.toLocaleString('en')} traces that fit`).waitFor()
    await page.getByRole('checkbox', { name: 'Mark all that fit' }).isChecked()
    await page.evaluate(() => (location.hash = '#/traces?correct=yes'))
    await expect.poll(() => page.getByRole('toolbar', { name: 'Marked traces' }).count()).toBe(0)
  })

  it('shows how a column is distributed, and filters to a part of it', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.getByRole('button', { name: 'Length: distribution' }).click()
    const sheet = page.getByRole('dialog', { name: 'Length: distribution' })
    const bars = sheet.getByRole('listitem')
    const counts = await bars.locator('.num').allTextContents()
    const total = await app().engine().handlers['traces.count']({ filter: {} })
    expect(counts.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0)).toBe(total)
    const first = bars.first().getByRole('button')
    const wanted = counts[0]!
    await first.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.hash.includes('length='))
    await expect.poll(() => page.locator('.count').textContent()).toContain(`${wanted} of `)
  })

  it('saves a view with its filter, order and columns, and brings it back in another tab', async () => {
    const page = await app().open('#/traces?correct=yes&sort=-length')
    await rows(page).first().waitFor()
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Reward').uncheck()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save what is shown as').fill('Long and right')
    await page.keyboard.press('Enter')
    await expect
      .poll(async () => (await app().engine().handlers['views.list']({})).map(({ name }) => name))
      .toEqual(['Long and right'])
    await page.keyboard.press('Escape')
    await page.evaluate(() => (location.hash = '#/traces'))
    await page.getByRole('button', { name: 'Long and right changed' }).waitFor()

    const other = await app().open('#/traces')
    await rows(other).first().waitFor()
    await expect.poll(() => other.getByRole('columnheader', { name: 'Reward' }).count()).toBe(1)
    await other.keyboard.press('Control+k')
    await other.keyboard.type('long and right')
    await other.keyboard.press('Enter')
    await other.waitForURL((url) => url.hash === '#/traces?correct=yes&sort=-length')
    await expect.poll(() => other.getByRole('columnheader', { name: 'Reward' }).count()).toBe(0)
    await other.getByRole('button', { name: 'Long and right' }).click()
    await other.getByRole('button', { name: 'Remove Long and right' }).click()
    await other.getByRole('button', { name: 'Undo' }).click()
    await expect
      .poll(async () => (await app().engine().handlers['views.list']({})).map(({ name }) => name))
      .toEqual(['Long and right'])
  })

  it('filters by metadata, and takes the condition off again', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    const [row] = await app()
      .engine()
      .handlers['traces.list']({ filter: {}, sort: { by: 'id', descending: true }, offset: 0, limit: 1 })
    const { metadata } = await app().engine().handlers['traces.get']({ id: row!.id })
    const [path, value] = Object.entries(metadata).find(([, one]) => typeof one === 'string')!
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByLabel('Metadata path').fill(path)
    await page.getByLabel('Comparison').selectOption('=')
    await page.getByLabel('Value').fill(JSON.stringify(value))
    await page.keyboard.press('Enter')
    const filter = { metadata: [{ path, op: '=' as const, value: value as string }] }
    const total = await app().engine().handlers['traces.count']({ filter })
    expect(total).toBeGreaterThan(0)
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: `Remove ${path} = ${JSON.stringify(value)}` })
      .first()
      .click()
    await page.waitForURL((url) => url.hash === '#/traces')
  })
}
