import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const options = (page: Page) => page.getByRole('option')
const hash = (page: Page) => page.evaluate(() => decodeURIComponent(location.hash))

export function paletteTests(app: () => App): void {
  const open = async (page: Page, query: string) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    await page.keyboard.type(query)
  }

  it('puts what was chosen last first', async () => {
    const page = await app().open('#/library')
    await open(page, '')
    await page.getByRole('combobox').fill('could not be')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Rejected records' }).waitFor()
    await open(page, '')
    expect(await options(page).first().textContent()).toContain('Records that could not be imported')
    await page.getByText('Used last').waitFor()
  })

  it('goes to a run, best fit first, to a trace by its number, and to a search', async () => {
    const page = await app().open('#/library')
    await open(page, 'grpo')
    await expect.poll(() => options(page).first().textContent()).toContain('Go to run grpo')
    await page.keyboard.press('Enter')
    await expect.poll(() => hash(page)).toBe('#/traces?run=grpo')
    await open(page, '#12')
    await page.keyboard.press('Enter')
    await expect.poll(() => hash(page)).toMatch(/^#\/trace\/12\b/)
    await open(page, 'wait a moment')
    await options(page).last().click()
    await expect.poll(() => hash(page)).toBe('#/traces?q=wait+a+moment')
  })
}
