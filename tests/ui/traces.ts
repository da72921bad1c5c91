import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const rows = (page: Page) => page.locator('[role=row][aria-selected]')
const current = (page: Page) => page.locator('[role=row][aria-selected=true]')
const cell = (page: Page, column: number) => current(page).locator('[role=gridcell]').nth(column)

export function tracesTests(app: () => App): void {
  it('sorts by a header, and the keyboard walks from the first row to the last', async () => {
    const page = await app().open('#/traces')
    const { handlers } = app().engine()
    const byLength = { by: 'length', descending: true } as const
    const total = await handlers['traces.count']({ filter: {} })
    const longest = await handlers['traces.list']({ filter: {}, sort: byLength, offset: 0, limit: 2 })
    await page.getByRole('columnheader', { name: 'Length' }).getByRole('button').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    await expect.poll(() => cell(page, 0).textContent()).toBe(String(longest[0]!.id))
    await page.getByRole('grid').focus()
    await page.keyboard.press('j')
    await expect.poll(() => cell(page, 0).textContent()).toBe(String(longest[1]!.id))
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
    const id = await cell(page, 0).textContent()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.hash === `#/trace/${id}?correct=yes&sort=-length`)
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => cell(page, 0).textContent()).toBe(id)
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
}
