import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

interface Finding {
  id: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What axe finds wrong, in words; empty when nothing is. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const { axe: loaded } = window as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await loaded.run()).violations
  })
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}

export function lookTests(app: () => App): void {
  for (const theme of ['light', 'dark'] as const) {
    it(`gives axe nothing to complain of (${theme})`, async () => {
      const { handlers } = app().engine()
      const sort = { by: 'length', descending: true } as const
      const [row] = await handlers['traces.list']({ filter: {}, sort, offset: 7, limit: 1 })
      const page = await app().open('#/library', { theme })
      const check = async (what: string) => {
        expect({ what, found: await findings(page) }).toEqual({ what, found: [] })
      }
      await page.getByRole('heading', { name: 'Runs' }).waitFor()
      await check('library')
      await page.keyboard.press('Control+k')
      await check('palette')
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator('dialog').count()).toBe(0)
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
      await check('shortcuts')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+o')
      await page.getByLabel('Path of a file').fill(app().folder)
      await check('import')
      await page.keyboard.press('Escape')
      await page.evaluate(() => (location.hash = '#/settings'))
      await page.getByText('Check the database').waitFor()
      await page.getByLabel('Change the key B of Backtracking').click()
      await page.keyboard.press('v')
      await page.getByText('also runs “Verification”').waitFor()
      await check('settings')
      await page.getByRole('button', { name: 'Reset', exact: true }).click()
      await page.evaluate(() => (location.hash = '#/rejects'))
      await page.getByRole('heading', { name: 'Rejected records' }).waitFor()
      await check('rejects')
      await page.evaluate(() => (location.hash = '#/traces?q=wait'))
      await page.locator('mark').first().waitFor()
      await check('traces')
      await page.getByRole('button', { name: 'Behaviours' }).click()
      await check('filter')
      await page.keyboard.press('Escape')
      await page.getByRole('slider').first().focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Control+a')
      await page.getByRole('toolbar', { name: 'Marked traces' }).waitFor()
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await check('marked, and more filters')
      await page.getByRole('button', { name: 'Columns' }).click()
      await check('columns')
      await page.getByRole('button', { name: 'Views' }).click()
      await check('views')
      await page.keyboard.press('Escape')
      await page.keyboard.press('e')
      await page.getByRole('dialog', { name: /^Export/ }).waitFor()
      await check('export')
      await page.keyboard.press('Escape')
      await page.evaluate((id) => (location.hash = `#/trace/${id}`), row!.id)
      await page.getByRole('listbox', { name: 'Response' }).waitFor()
      await page.keyboard.press('J')
      await page.keyboard.press('v')
      await check('trace')
    })
  }

  it('follows the theme of the choice', async () => {
    const page = await app().open('#/library', { theme: 'light' })
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('button', { name: 'Dark theme' }).click()
    expect(await ground()).not.toBe(light)
  })

  it('fits a small and a large window', async () => {
    for (const size of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      for (const place of ['#/library', '#/traces', '#/trace/1', '#/settings', '#/rejects']) {
        const page = await app().open(place, { size: [...size] })
        await page.waitForTimeout(150)
        const overflows = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
        expect({ place, size, overflows }).toEqual({ place, size, overflows: false })
      }
    }
  })
}
