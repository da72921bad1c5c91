import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'
import { header, rows } from './traces-table.ts'

/** Columns of the table: distributions, order and width, and the views that keep them. */
export function traceColumnsTests(app: () => App): void {
  const chart = (page: Page, name: string) => page.getByRole('slider', { name: `${name}: distribution` })
  /** "3 – 5: 1,204 traces" */
  const told = async (page: Page, name: string) =>
    Number(
      /: ([\d,]+) trace/
        .exec((await chart(page, name).getAttribute('aria-valuetext'))!)![1]!
        .replaceAll(',', ''),
    )

  it('shows how a column is distributed, and filters to a part of it and back by keyboard', async () => {
    const page = await app().open('#/traces')
    await chart(page, 'Length').waitFor()
    const total = await app().engine().handlers['traces.count']({ filter: {} })
    const bars = Number(await chart(page, 'Length').getAttribute('aria-valuemax')) + 1
    await chart(page, 'Length').focus()
    await page.keyboard.press('Home')
    let sum = 0
    for (let bar = 0; bar < bars; bar++) {
      sum += await told(page, 'Length')
      await page.keyboard.press('ArrowRight')
    }
    expect(sum).toBe(total)
    await page.keyboard.press('Home')
    const wanted = await told(page, 'Length')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.hash.includes('length='))
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${wanted.toLocaleString('en')} of `)
    await page.getByRole('button', { name: /^Remove length/ }).click()
    await page.waitForURL((url) => url.hash === '#/traces')
  })

  it('shows a part of a distribution under the pointer, and filters to it with a click', async () => {
    const page = await app().open('#/traces')
    const wrong = chart(page, 'Answer').locator('span').nth(1)
    await wrong.hover()
    const { handlers } = app().engine()
    const total = await handlers['traces.count']({ filter: { correct: false } })
    await page.getByText(`wrong: ${total.toLocaleString('en')} traces`).waitFor()
    await wrong.click()
    await page.waitForURL((url) => url.hash === '#/traces?correct=no')
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    // One bar is left, which takes its own filter away again.
    await expect.poll(() => chart(page, 'Answer').locator('span').count()).toBe(1)
    await chart(page, 'Answer').locator('span').click()
    await page.waitForURL((url) => url.hash === '#/traces')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Distributions in the header').uncheck()
    await expect.poll(() => page.getByRole('slider').count()).toBe(0)
  })

  it('keeps the order and the width of columns', async () => {
    const page = await app().open('#/traces')
    const titles = () =>
      page
        .locator('[role=columnheader][data-column]')
        .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).dataset['column']))
    await expect.poll(titles).toContain('length')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('button', { name: 'Length to the left' }).click()
    await page.getByLabel('Cut off').check()
    await page.keyboard.press('Escape')
    await header(page, 'Length').focus()
    const width = () =>
      page.locator('[data-column=length]').evaluate((cell) => Math.round(cell.getBoundingClientRect().width))
    const before = await width()
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(width).toBe(before + 16)
    const edge = (await page.locator('[data-column=run] .edge').boundingBox())!
    await page.mouse.move(edge.x + 4, edge.y + 4)
    await page.mouse.down()
    await page.mouse.move(edge.x + 44, edge.y + 4)
    await page.mouse.up()
    const order = await titles()
    expect(order.indexOf('length')).toBeLessThan(order.indexOf('reward'))
    expect(order).toContain('truncated')
    const run = await page.locator('[data-column=run]').evaluate((cell) => cell.clientWidth)
    await page.reload()
    await expect.poll(titles).toEqual(order)
    expect(await width()).toBe(before + 16)
    expect(await page.locator('[data-column=run]').evaluate((cell) => cell.clientWidth)).toBe(run)
  })

  it('saves a view with its filter, order and columns, and brings it back in another tab', async () => {
    const page = await app().open('#/traces?correct=yes&sort=-length')
    await rows(page).first().waitFor()
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Reward', { exact: true }).uncheck()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save what is shown as').fill('Long and right')
    await page.keyboard.press('Enter')
    const names = async () => (await app().engine().handlers['views.list']({})).map(({ name }) => name)
    await expect.poll(names).toEqual(['Long and right'])
    await page.keyboard.press('Escape')
    await page.evaluate(() => (location.hash = '#/traces'))
    await page.getByRole('button', { name: 'Long and right changed' }).waitFor()

    const other = await app().open('#/library')
    await other.keyboard.press('Control+k')
    await other.keyboard.type('long and right')
    await other.getByRole('option', { name: 'View: Long and right' }).waitFor()
    await other.keyboard.press('Enter')
    await other.waitForURL((url) => url.hash === '#/traces?correct=yes&sort=-length')
    await rows(other).first().waitFor()
    expect(await other.getByRole('columnheader', { name: 'Reward' }).count()).toBe(0)
    await other.getByRole('button', { name: 'Long and right', exact: true }).waitFor()
  })

  it('renames, changes and removes a view, and takes each change back', async () => {
    const page = await app().open('#/traces?correct=no')
    await rows(page).first().waitFor()
    const { handlers } = app().engine()
    const query = async (name: string) =>
      (await handlers['views.list']({})).find((view) => view.name === name)?.state as
        { query: string } | undefined
    await handlers['views.save']({ name: 'Taken', state: {} })
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save what is shown as').fill('Wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Rename Wrong' }).click()
    await page.getByLabel('New name of Wrong').fill('Taken')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Another view is called').waitFor()
    await page.getByLabel('New name of Wrong').fill('Not right')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove Not right' }).waitFor()
    expect(await query('Wrong')).toBeUndefined()
    await page.keyboard.press('Escape')
    await header(page, 'Length').click()
    await page.getByRole('button', { name: 'Not right changed' }).click()
    await page.getByRole('button', { name: 'Save the change' }).click()
    await expect.poll(() => query('Not right')).toMatchObject({ query: 'correct=no&sort=-length' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => query('Not right')).toMatchObject({ query: 'correct=no' })
    await page.getByRole('button', { name: 'Not right changed' }).click()
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.waitForURL((url) => url.hash === '#/traces?correct=no')
    await page.getByRole('button', { name: 'Not right', exact: true }).click()
    await page.getByRole('button', { name: 'Remove Not right' }).click()
    await expect.poll(() => query('Not right')).toBeUndefined()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => query('Not right')).toMatchObject({ query: 'correct=no' })
    await handlers['views.remove']({ name: 'Taken' })
  })
}
