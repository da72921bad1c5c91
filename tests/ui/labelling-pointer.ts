import type { Locator } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'
import { labellingHelp, press } from './labelling-help.ts'

/** Labelling with a mouse, a selection or a finger. */
export function pointerLabellingTests(app: () => App): void {
  const { longTrace, openTrace, labelsOf, spanOf } = labellingHelp(app)

  it('moves the ends of a label with the mouse', async () => {
    const trace = await longTrace(3)
    const page = await openTrace(trace)
    await press(page, 'j', 'v')
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(1)
    const middleOf = async (locator: Locator) => {
      const { x, y, width, height } = (await locator.boundingBox())!
      return { x: x + width / 2, y: y + height / 2 }
    }
    const from = await middleOf(page.locator('[data-edge=end]'))
    const row = page.locator(`[data-from="${spanOf(trace, 3).start}"]`)
    const to = (await row.boundingBox())!
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move(to.x + 10, to.y + 8)
    await page.mouse.move(to.x + 60, to.y + 12)
    await page.mouse.up()
    await expect.poll(async () => (await labelsOf(trace))[0]!.end).toBeGreaterThan(spanOf(trace, 3).start)
    const [label] = await labelsOf(trace)
    expect(label!.start).toBe(spanOf(trace, 1).start)
    expect(label!.end).toBeLessThan(spanOf(trace, 3).start + 30)
    expect(trace.response.slice(label!.start, label!.end).trim()).toHaveLength(label!.end - label!.start)
  })

  it('shows the bar beside a selection across lines, never over it, also after scrolling', async () => {
    const trace = await longTrace(8)
    const page = await openTrace(trace)
    const rows = page.locator('[data-from]')
    const [from, to] = [(await rows.nth(1).boundingBox())!, (await rows.nth(3).boundingBox())!]
    await page.mouse.move(from.x + 30, from.y + 10)
    await page.mouse.down()
    await page.mouse.move(to.x + 20, to.y + 8)
    await page.mouse.move(to.x + 60, to.y + 10)
    await page.mouse.up()
    const bar = page.getByRole('toolbar', { name: 'Label the selection' })
    const covers = async () => {
      const box = (await bar.boundingBox())!
      return page.evaluate(
        ({ x, y, width, height }) =>
          [...getSelection()!.getRangeAt(0).getClientRects()].some(
            (rect) =>
              rect.width > 0 &&
              rect.left < x + width &&
              rect.right > x &&
              rect.top < y + height &&
              rect.bottom > y,
          ),
        box,
      )
    }
    await bar.waitFor()
    expect(await covers()).toBe(false)
    await page.mouse.wheel(0, 60)
    await bar.waitFor({ state: 'detached' })
    await bar.waitFor()
    expect(await covers()).toBe(false)
    await bar.getByRole('button', { name: 'Backward chaining' }).click()
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(1)
    const [label] = await labelsOf(trace)
    expect(label!.start).toBeGreaterThan(spanOf(trace, 1).start)
    expect(label!.end).toBeGreaterThan(spanOf(trace, 3).start)
    expect(label!.end).toBeLessThan(spanOf(trace, 3).end)
  })

  it('labels by touch: a selection with a tap on the bar, a step with the panel and the handles', async () => {
    const trace = await longTrace(9)
    const page = await openTrace(trace, {
      async prepare(page) {
        const session = await page.context().newCDPSession(page)
        await session.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 })
        const size = { width: 1280, height: 800, deviceScaleFactor: 1 }
        await session.send('Emulation.setDeviceMetricsOverride', { ...size, mobile: true })
      },
    })
    const session = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x = 0, y = 0) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
    const middleOf = async (locator: Locator) => {
      const { x, y, width, height } = (await locator.boundingBox())!
      return { x: x + width / 2, y: y + height / 2, height }
    }
    const tap = async (locator: Locator) => {
      const { x, y } = await middleOf(locator)
      await touch('touchStart', x, y)
      await touch('touchEnd')
    }
    // As the handles of the system do it: the selection changes, and no pointer event tells of it.
    const { start } = spanOf(trace, 2)
    await page.evaluate((from) => {
      const row = document.querySelector(`[data-from="${from}"]`)!
      const node = document.createTreeWalker(row, NodeFilter.SHOW_TEXT).nextNode()!
      getSelection()!.setBaseAndExtent(node, 0, node, 2)
    }, start)
    const button = page.getByRole('toolbar').getByRole('button', { name: 'Verification' })
    await button.waitFor()
    expect((await middleOf(button)).height).toBeGreaterThanOrEqual(44)
    await tap(button)
    await expect
      .poll(() => labelsOf(trace))
      .toMatchObject([{ start, end: start + 2, behaviour: 'verification' }])

    await tap(page.locator(`[data-from="${spanOf(trace, 1).start}"]`))
    await page.getByRole('heading', { name: /^Step 2 of/ }).waitFor()
    await tap(page.getByRole('complementary').getByRole('button', { name: /^Backtracking/ }))
    const label = async () => (await labelsOf(trace)).find(({ behaviour }) => behaviour === 'backtracking')
    await expect.poll(label).toMatchObject(spanOf(trace, 1))
    const handle = await middleOf(page.locator('[data-edge=end]'))
    const { x, y } = (await page.locator(`[data-from="${start}"]`).boundingBox())!
    await touch('touchStart', handle.x, handle.y)
    await touch('touchMove', x + 20, y + 8)
    await touch('touchMove', x + 60, y + 12)
    await touch('touchEnd')
    await expect.poll(async () => (await label())!.end).toBeGreaterThan(start)
    expect((await label())!.start).toBe(spanOf(trace, 1).start)
  })
}
