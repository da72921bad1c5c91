import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const list = (page: Page) => page.getByRole('listbox', { name: 'Response' })
const bar = (page: Page) => page.getByRole('search', { name: 'Find in the text' })
const field = (page: Page) => bar(page).getByRole('textbox')
const told = (page: Page) => bar(page).locator('output').textContent()

/** Texts of the ranges that a highlight paints. */
const painted = (page: Page, name: string) =>
  page.evaluate((of) => [...(CSS.highlights.get(of) ?? [])].map((range) => (range as Range).toString()), name)

export function readingTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  /** A trace on a problem of MATH with many formulas, and an answer that is marked. */
  const mathTrace = async () => {
    const sort = { by: 'length', descending: true } as const
    const rows = await handlers()['traces.list']({ filter: {}, sort, offset: 0, limit: 60 })
    for (const { id } of rows) {
      const detail = await handlers()['traces.get']({ id })
      const formulas = detail.response.match(/\\\(/g) ?? []
      if (formulas.length > 40 && detail.response.includes('\\boxed') && detail.reference !== null)
        return { id, ...detail }
    }
    throw new Error('The samples have no trace with formulas.')
  }
  const openTrace = async (id: number, query = '') => {
    const page = await app().open(`#/trace/${id}${query}`)
    await page.locator('[role=option][aria-selected=true]').waitFor()
    return page
  }
  const sources = (page: Page) =>
    page
      .locator('[data-from]')
      .evaluateAll((all) =>
        all.map((one) => [Number(one.getAttribute('data-from')), one.textContent] as const),
      )

  it('finds in the whole text, goes from hit to hit, and gives the focus back', async () => {
    const { id, response } = await mathTrace()
    const total = [...response.matchAll(/the/gi)].length
    const page = await openTrace(id)
    await page.keyboard.press('/')
    await page.keyboard.type('THE')
    await expect.poll(() => told(page)).toBe(`1 of ${total}`)
    await expect.poll(() => painted(page, 'find-current')).toHaveLength(1)
    expect((await painted(page, 'find')).every((text) => /^the$/i.test(text))).toBe(true)
    await page.keyboard.press('Shift+Enter')
    await expect.poll(() => told(page)).toBe(`${total} of ${total}`)
    const place = page.getByRole('scrollbar', { name: 'Place in the response' })
    await expect.poll(async () => Number(await place.getAttribute('aria-valuenow'))).toBeGreaterThan(80)
    await page.keyboard.press('F3')
    await expect.poll(() => told(page)).toBe(`1 of ${total}`)
    await bar(page).getByRole('button', { name: 'Match case' }).click()
    await expect.poll(() => told(page)).toBe('Not found')
    await page.keyboard.press('Escape')
    await expect.poll(() => bar(page).count()).toBe(0)
    expect(await list(page).evaluate((one) => one === document.activeElement)).toBe(true)
    expect(await painted(page, 'find')).toEqual([])
  })

  it('gives up a pattern that never ends, and says what is wrong with one that cannot be read', async () => {
    const { id } = await mathTrace()
    const page = await openTrace(id)
    await page.keyboard.press('Control+f')
    await bar(page).getByRole('button', { name: 'Regular expression' }).click()
    await field(page).fill('(\\w')
    await expect.poll(() => told(page)).toMatch(/^This pattern cannot be read: /)
    await field(page).fill('(\\w+\\s?)+#')
    await expect.poll(() => told(page)).toMatch(/takes too long/)
    await field(page).fill('\\bLet\\b')
    await expect.poll(() => told(page)).toMatch(/^1 of \d+$/)
  })

  it('shows the words that the traces were searched for', async () => {
    const { id } = await mathTrace()
    const page = await openTrace(id, '?q=wait')
    await expect.poll(() => painted(page, 'find-current')).toEqual([expect.stringMatching(/^wait$/i)])
    expect(await field(page).evaluate((one) => one === document.activeElement)).toBe(false)
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => url.hash === '#/traces?q=wait')
  })

  it('draws formulas over their source, which stays what is selected and labelled', async () => {
    const { id, response } = await mathTrace()
    const page = await openTrace(id)
    await page.keyboard.press('a')
    const before = await sources(page)
    await page.keyboard.press('m')
    await expect
      .poll(() =>
        page
          .locator('[data-formula]')
          .evaluateAll(
            (all) => all.filter((one) => one.lastElementChild?.shadowRoot?.querySelector('.katex')).length,
          ),
      )
      .toBeGreaterThan(0)
    // Formulas above grow as they are drawn: until they stand, rows come and go, and a selection with them.
    await expect
      .poll(async () => {
        const seen = JSON.stringify(await sources(page))
        await page.waitForTimeout(300)
        return JSON.stringify(await sources(page)) === seen
      })
      .toBe(true)
    const after = new Map(await sources(page))
    for (const [from, text] of after) expect(text).toBe(response.slice(from, from + text.length))
    for (const [from, text] of before) if (after.has(from)) expect(after.get(from)).toBe(text)
    const span = await page.evaluate(() => {
      const formula = document.querySelector('[data-from] [data-formula]')!
      const row = formula.closest('[data-from]')!
      getSelection()!.selectAllChildren(row)
      return { start: Number(row.getAttribute('data-from')), length: row.textContent.length }
    })
    await page.keyboard.press('c')
    await expect
      .poll(async () =>
        (await handlers()['labels.list']({ traceId: id })).map(({ start, end }) => [start, end]),
      )
      .toContainEqual([span.start, span.start + span.length])
    await page.evaluate(() => getSelection()!.removeAllRanges())
    await page.keyboard.press('z')
    const drawn = page.locator('[role=option][aria-selected=true] [data-formula] > .drawn')
    const many = await drawn.count()
    expect(many).toBeGreaterThan(0)
    await drawn.last().click()
    await expect.poll(() => drawn.count()).toBe(many - 1)
    await page.keyboard.press('m')
    await expect.poll(() => page.locator('[data-formula]').count()).toBe(0)
  })

  it('tells many labels in one place apart', async () => {
    // One that no other test labels.
    const sort = { by: 'length', descending: true } as const
    const [row] = await handlers()['traces.list']({ filter: {}, sort, offset: 62, limit: 1 })
    const { bounds, response } = await handlers()['traces.get']({ id: row!.id })
    const { id } = row!
    const at = (step: number) => ({ start: bounds![step * 2]!, end: bounds![step * 2 + 1]! })
    const behaviours = ['verification', 'backtracking', 'subgoal_setting'] as const
    const span = at(1)
    for (let index = 0; index < 12; index++)
      await handlers()['labels.add']({
        traceId: id,
        span: { start: span.start + (index % 4), end: span.end },
        behaviour: behaviours[index % 3]!,
        verdict: 'present',
        annotator: `rater ${index}`,
        target: null,
        note: '',
      })
    const page = await openTrace(id)
    await page.getByRole('button', { name: 'Show 12 labels here' }).waitFor()
    expect(await page.locator(`[data-from="${span.start}"] .marked`).count()).toBeLessThan(6)
    await page.keyboard.press('j')
    await page.keyboard.press('L')
    const card = page.getByRole('dialog', { name: 'Labels here' })
    await expect.poll(() => card.getByRole('button').count()).toBe(12)
    await page.keyboard.press('ArrowDown')
    const pointed = response.slice(span.start, span.end)
    await expect.poll(async () => (await painted(page, 'spot')).join('')).toBe(pointed)
    await page.keyboard.press('Escape')
    await expect.poll(() => painted(page, 'spot')).toEqual([])
  })

  it('keeps what is read where it is when the text grows', async () => {
    const { id } = await mathTrace()
    const page = await openTrace(id)
    for (let times = 0; times < 30; times++) await page.keyboard.press('j')
    const current = page.locator('[role=option][aria-selected=true]')
    await page.waitForTimeout(500)
    const [before, size] = [await current.boundingBox(), await fontSize(page)]
    await page.keyboard.press('+')
    await expect.poll(() => fontSize(page)).toBeGreaterThan(size)
    await page.waitForTimeout(500)
    expect(Math.abs((await current.boundingBox())!.y - before!.y)).toBeLessThan(3)
    await page.keyboard.press('-')
    await expect.poll(() => fontSize(page)).toBe(size)
  })

  it('has the prompt and the answer at hand', async () => {
    const { id, reference } = await mathTrace()
    const page = await openTrace(id)
    await page.keyboard.press('End')
    await page.keyboard.press('p')
    await page.getByRole('region', { name: 'Prompt, kept in sight' }).waitFor()
    await page.keyboard.press('p')
    await expect.poll(() => page.getByRole('region', { name: 'Prompt, kept in sight' }).count()).toBe(0)
    await page.keyboard.press('Home')
    const answer = page.getByRole('button', { name: /^Go to the final answer/ })
    expect(await answer.getAttribute('data-tip')).toContain(`Reference: ${reference}`)
    await answer.click()
    await expect.poll(async () => (await painted(page, 'spot')).join('')).toContain('\\boxed')
  })

  it('copies as text, Markdown and JSON', async () => {
    const { id, response } = await mathTrace()
    const page = await openTrace(id)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const copy = async (name: string) => {
      await page.getByRole('button', { name: 'Copy as…' }).click()
      await page
        .getByRole('dialog', { name: 'Copy', exact: true })
        .getByRole('button', { name: new RegExp(`^${name}`) })
        .click()
      await page.getByText(/^Copied the/).waitFor()
      return page.evaluate(() => navigator.clipboard.readText())
    }
    await expect.poll(() => copy('Text')).toBe(response)
    await expect.poll(() => copy('Markdown')).toContain('(predicted, 0.')
    await expect.poll(async () => (JSON.parse(await copy('JSON')) as { text: string }).text).toBe(response)
  })
}

const fontSize = (page: Page) =>
  page
    .locator('[data-from]')
    .first()
    .evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize))
