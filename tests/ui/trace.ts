import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const steps = (page: Page) => page.getByRole('listbox', { name: 'Response' })
const currentStep = (page: Page) => page.locator('[role=option][aria-selected=true]')

export function traceTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  /** A trace long enough to scroll, a different one for each test. */
  const longTrace = async (place: number) => {
    const sort = { by: 'length', descending: true } as const
    const [row] = await handlers()['traces.list']({ filter: {}, sort, offset: place, limit: 1 })
    return row!.id
  }
  const openTrace = async (id: number) => {
    const page = await app().open(`#/trace/${id}`)
    await currentStep(page).waitFor()
    return page
  }
  const labelsOf = async (traceId: number) => handlers()['labels.list']({ traceId })

  it('shows every character of the response, whatever is scrolled to', async () => {
    const id = await longTrace(12)
    const page = await openTrace(id)
    const { response, bounds } = await handlers()['traces.get']({ id })
    const seen = new Map<number, string>()
    for (let end = false; !end;) {
      const drawn = await page
        .locator('[data-from]')
        .evaluateAll((all) =>
          all.map((one) => [Number(one.getAttribute('data-from')), one.textContent] as const),
        )
      for (const [from, text] of drawn) seen.set(from, text)
      end = await steps(page).evaluate(({ parentElement }) => {
        const before = parentElement!.scrollTop
        parentElement!.scrollTop += parentElement!.clientHeight
        return parentElement!.scrollTop === before
      })
      await page.waitForTimeout(30)
    }
    const starts = [...seen.keys()].sort((a, b) => a - b)
    for (const from of starts)
      expect(seen.get(from)).toBe(response.slice(from, from + seen.get(from)!.length))
    const shown = starts.reduce((sum, from) => sum + seen.get(from)!.length, 0)
    let wanted = 0
    for (let at = 0; at < bounds!.length; at += 2) wanted += bounds![at + 1]! - bounds![at]!
    expect(shown).toBe(wanted)
  })

  it('labels the step with a key, takes it off with the same key, and undoes both', async () => {
    const id = await longTrace(1)
    const page = await openTrace(id)
    const { bounds } = await handlers()['traces.get']({ id })
    await page.keyboard.press('j')
    await page.keyboard.press('b')
    await currentStep(page).getByRole('img', { name: 'backtracking, labelled' }).waitFor()
    await expect
      .poll(() => labelsOf(id))
      .toMatchObject([
        {
          start: bounds![2],
          end: bounds![3],
          behaviour: 'backtracking',
          verdict: 'present',
          annotator: 'me',
        },
      ])
    await page.keyboard.press('s')
    await expect.poll(async () => (await labelsOf(id)).length).toBe(2)
    await page.keyboard.press('b')
    await expect
      .poll(async () => (await labelsOf(id)).map(({ behaviour }) => behaviour))
      .toEqual(['subgoal_setting'])
    await page.keyboard.press('z')
    await expect.poll(async () => (await labelsOf(id)).length).toBe(2)
    await currentStep(page).getByRole('img', { name: 'backtracking, labelled' }).waitFor()
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await labelsOf(id)).length).toBe(1)
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(async () => (await labelsOf(id)).length).toBe(2)
  })

  it('accepts and rejects what is predicted', async () => {
    const id = await longTrace(2)
    const page = await openTrace(id)
    await page.keyboard.press('J')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await labelsOf(id)).map(({ verdict }) => verdict)).toContain('present')
    await page.keyboard.press('J')
    await page.keyboard.press('x')
    await expect.poll(async () => (await labelsOf(id)).map(({ verdict }) => verdict)).toContain('absent')
    await currentStep(page)
      .getByRole('img', { name: /rejected/ })
      .first()
      .waitFor()
  })

  it('labels exactly the text that is selected', async () => {
    const id = await longTrace(3)
    const page = await openTrace(id)
    const { response } = await handlers()['traces.get']({ id })
    const span = await page.evaluate(() => {
      const [first, second] = document.querySelectorAll('[data-from]')
      const textOf = (one: Element) => document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode()!
      getSelection()!.setBaseAndExtent(textOf(first!), 3, textOf(second!), 5)
      return {
        start: Number(first!.getAttribute('data-from')) + 3,
        end: Number(second!.getAttribute('data-from')) + 5,
      }
    })
    await page.keyboard.press('c')
    await expect.poll(() => labelsOf(id)).toHaveLength(1)
    const [label] = await labelsOf(id)
    expect(label!.behaviour).toBe('backward_chaining')
    expect(response.slice(label!.start, label!.end)).toBe(response.slice(span.start, span.end).trim())
  })

  it('shows another window’s labels at once', async () => {
    const id = await longTrace(4)
    const [here, there] = [await openTrace(id), await openTrace(id)]
    await here.keyboard.press('v')
    await currentStep(there).getByRole('img', { name: 'verification, labelled' }).waitFor()
  })

  it('shows the labels on the step also where it is scrolled away, and says why it shows none', async () => {
    const id = await longTrace(8)
    const { bounds } = await handlers()['traces.get']({ id })
    const label = { behaviour: 'verification', verdict: 'present', target: null, note: '' } as const
    for (const [step, annotator] of ['me', 'Ann'].entries()) {
      const span = { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! }
      await handlers()['labels.add']({ traceId: id, annotator, span, ...label })
    }
    const page = await openTrace(id)
    await steps(page).evaluate(({ parentElement }) => (parentElement!.scrollTop = 1e9))
    await currentStep(page).waitFor({ state: 'detached' })
    await page.keyboard.press('L')
    await page.getByRole('dialog', { name: 'Labels here' }).waitFor()
    expect(await currentStep(page).count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByLabel('Whose labels are shown').selectOption('me')
    await steps(page).focus()
    await page.keyboard.press('j')
    await page.keyboard.press('L')
    await page.getByText('None of the labels shown is on this step.').waitFor()
    await page.keyboard.press('j')
    await page.getByLabel('Whose labels are shown').selectOption({ index: 0 })
    await steps(page).focus()
    await page.keyboard.press('L')
    await page.getByText('Nobody labelled this step.').waitFor()
    for (const { id: label } of await labelsOf(id)) await handlers()['labels.remove']({ id: label })
  })

  it('goes to a place of the strip, and through the selection', async () => {
    const id = await longTrace(0)
    const page = await openTrace(id)
    const strip = page.getByRole('scrollbar', { name: 'Place in the response' })
    const box = (await strip.boundingBox())!
    await page.mouse.click(box.x + box.width * 0.8, box.y + box.height / 2)
    await expect.poll(async () => Number(await strip.getAttribute('aria-valuenow'))).toBeGreaterThan(60)
    await page.getByRole('button', { name: 'Next trace' }).click()
    await page.waitForURL((url) => !url.hash.startsWith(`#/trace/${id}`))
  })

  it('keeps a label that is made while the engine is away', async () => {
    const id = await longTrace(5)
    const page = await openTrace(id)
    await app().away(async () => {
      await page.getByText('The engine does not answer').waitFor()
      await page.keyboard.press('v')
      await currentStep(page).getByRole('img', { name: 'verification, labelled' }).waitFor()
      await page.getByText('1 change will be saved').waitFor()
    })
    await expect.poll(async () => (await labelsOf(id)).length).toBe(1)
    await expect.poll(() => page.getByText('The engine does not answer').count()).toBe(0)
  })

  it('keeps a note', async () => {
    const id = await longTrace(6)
    const page = await openTrace(id)
    await page.keyboard.press('n')
    await page.keyboard.type('turns back twice')
    await page.keyboard.press('Escape')
    await expect
      .poll(async () => (await handlers()['notes.get']({ traceId: id }))?.text)
      .toBe('turns back twice')
  })

  it('leaves labels alone while a note is edited', async () => {
    const id = await longTrace(7)
    const page = await openTrace(id)
    await page.keyboard.press('j')
    await page.keyboard.press('b')
    await expect.poll(async () => (await labelsOf(id)).length).toBe(1)
    const before = await labelsOf(id)
    await page.keyboard.press('n')
    await page.keyboard.type('back twice')
    for (const key of ['Control+ArrowLeft', 'Control+Shift+ArrowRight', 'Control+Shift+z'])
      await page.keyboard.press(key)
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('turns ')
    await page.keyboard.press('Escape')
    await expect
      .poll(async () => (await handlers()['notes.get']({ traceId: id }))?.text)
      .toBe('turns back twice')
    expect(await labelsOf(id)).toEqual(before)
  })
}
