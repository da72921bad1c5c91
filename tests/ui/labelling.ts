import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { sampleLines } from '../unit/engine/support.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'

const currentStep = (page: Page) => page.locator('[role=option][aria-selected=true]')
/** Moves the focus with Tab alone until it is on something with this text or label. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed++) {
    const focused = await page.evaluate(() => {
      const one = document.activeElement
      return (
        one?.getAttribute('aria-label') ??
        (one as HTMLInputElement | null)?.labels?.[0]?.textContent ??
        one?.textContent?.trim() ??
        ''
      )
    })
    if (name.test(focused)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to ${name}`)
}
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

export function labellingTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  /** A trace long enough to scroll, a different one for each test. */
  const longTrace = async (place: number) => {
    const sort = { by: 'length', descending: true } as const
    const [row] = await handlers()['traces.list']({ filter: {}, sort, offset: 40 + place, limit: 1 })
    return handlers()['traces.get']({ id: row!.id })
  }
  type Detail = Awaited<ReturnType<typeof longTrace>>
  const openTrace = async ({ row }: Detail, options: Parameters<App['open']>[1] = {}) => {
    const page = await app().open(`#/trace/${row.id}`, options)
    await currentStep(page).waitFor()
    return page
  }
  const labelsOf = async ({ row }: Detail) => handlers()['labels.list']({ traceId: row.id })
  const spanOf = ({ bounds }: Detail, first: number, last = first) => ({
    start: bounds![first * 2]!,
    end: bounds![last * 2 + 1]!,
  })
  /** Thresholds so low that everything is predicted everywhere. */
  const allPredicted = async (page: Page) => {
    await page.addInitScript(() => localStorage.setItem('cairn.thresholds', '[0,0,0,0]'))
  }

  it('accepts all predictions of a step with one undo, and those of several steps', async () => {
    const trace = await longTrace(0)
    const page = await openTrace(trace, { prepare: allPredicted })
    await press(page, 'Enter')
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(4)
    await press(page, 'z')
    await expect.poll(() => labelsOf(trace)).toEqual([])
    await expect
      .poll(() =>
        currentStep(page)
          .getByRole('img', { name: /labelled/ })
          .count(),
      )
      .toBe(0)
    await press(page, 'Shift+ArrowDown', 'Shift+ArrowDown', 'x')
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(12)
    expect((await labelsOf(trace)).every(({ verdict }) => verdict === 'absent')).toBe(true)
    await press(page, 'z')
    await expect.poll(() => labelsOf(trace)).toEqual([])
  })

  it('corrects what is predicted with one key and one undo', async () => {
    const trace = await longTrace(1)
    const page = await openTrace(trace, { prepare: allPredicted })
    await press(page, 'S')
    await expect
      .poll(async () =>
        (await labelsOf(trace)).map(({ behaviour, verdict }) => `${behaviour} ${verdict}`).sort(),
      )
      .toEqual([
        'backtracking absent',
        'backward_chaining absent',
        'subgoal_setting present',
        'verification absent',
      ])
    await press(page, 'z')
    await expect.poll(() => labelsOf(trace)).toEqual([])
  })

  it('labels a range of steps, and extends and shrinks by steps, words and characters', async () => {
    const trace = await longTrace(2)
    const { response } = trace
    const page = await openTrace(trace)
    const span = async () => {
      const [label] = await labelsOf(trace)
      return label === undefined ? null : { start: label.start, end: label.end }
    }
    await press(page, 'j', 'j', 'Shift+ArrowDown', 'b')
    await expect.poll(span).toEqual(spanOf(trace, 2, 3))
    await page.getByRole('heading', { name: 'Steps 3–4 selected' }).waitFor()
    await press(page, '.')
    await expect.poll(span).toEqual(spanOf(trace, 2, 4))
    await press(page, '<', '<', '>')
    await expect.poll(span).toEqual(spanOf(trace, 1, 4))
    await press(page, ',', ',')
    await expect.poll(span).toEqual(spanOf(trace, 1, 2))
    const words = [...new Intl.Segmenter(undefined, { granularity: 'word' }).segment(response)]
      .filter(({ segment }) => segment.trim() !== '')
      .map(({ index, segment }) => ({ start: index, end: index + segment.length }))
    const { start, end } = spanOf(trace, 1, 2)
    const inside = words.filter((word) => word.start >= start && word.end < end)
    await press(page, 'Alt+ArrowLeft', 'Alt+Shift+ArrowRight')
    await expect.poll(span).toEqual({ start: inside[1]!.start, end: inside.at(-1)!.end })
    await press(page, 'Control+ArrowLeft')
    await expect.poll(async () => (await span())!.end).toBeLessThan(inside.at(-1)!.end)
    // All moves in a row are one undo.
    await press(page, 'z')
    await expect.poll(span).toEqual(spanOf(trace, 2, 3))
    await page.getByText('Undone: ').waitFor()
    await expect.poll(() => page.locator('[data-edge]').count()).toBe(2)
    await press(page, 'b')
    await expect.poll(span).toBeNull()
  })

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

  it('marks where a backtracking returns to, shows it, and leads there and back', async () => {
    const trace = await longTrace(4)
    const page = await openTrace(trace)
    const target = async () => (await labelsOf(trace))[0]?.target
    await press(page, 'j', 'j', 'j', 'j', 'b', 't')
    const banner = page.getByRole('region', { name: 'Pick a target' })
    await banner.getByText('Where does this backtracking return to?').waitFor()
    await press(page, 'k', 'K', 'Enter')
    await expect.poll(target).toEqual(spanOf(trace, 1, 2))
    expect(await banner.count()).toBe(0)

    await page.getByRole('button', { name: 'Returns to steps 2–3. Go there', exact: true }).click()
    await page.getByRole('heading', { name: /^Step 2 of/ }).waitFor()
    await page.getByRole('button', { name: 'Step 5 returns to steps 2–3. Go there' }).click()
    await page.getByRole('heading', { name: /^Step 5 of/ }).waitFor()
    await press(page, 'T')
    await page.getByRole('heading', { name: /^Step 2 of/ }).waitFor()
    await press(page, 'T')
    await page.getByRole('heading', { name: /^Step 5 of/ }).waitFor()

    await press(page, 't', '0')
    await expect.poll(target).toEqual({ start: 0, end: 0 })
    await page.getByRole('button', { name: 'Returns to the problem. Go there' }).waitFor()
    await press(page, 't', 'Escape')
    expect(await target()).toEqual({ start: 0, end: 0 })
    await page.getByRole('heading', { name: /^Step 5 of/ }).waitFor()
    await press(page, 't', 'Backspace')
    await expect.poll(target).toBeNull()
    await press(page, 't')
    await page.locator('[role=option]').nth(1).click()
    await banner.getByRole('button', { name: /^Step 2/ }).click()
    await expect.poll(target).toEqual(spanOf(trace, 1))
    await press(page, 'z', 'z')
    await expect.poll(target).toEqual({ start: 0, end: 0 })
  })

  it.each(['light', 'dark'] as const)(
    'gives axe nothing to complain of while labelling (%s)',
    async (theme) => {
      const trace = await longTrace(theme === 'light' ? 13 : 14)
      await handlers()['labels.add']({
        ...{ traceId: trace.row.id, span: spanOf(trace, 2), behaviour: 'verification', annotator: 'Ada' },
        ...{ verdict: 'present', target: spanOf(trace, 0, 1), note: 'why' },
      })
      const page = await openTrace(trace, { theme })
      await press(page, 'j', 'b', 'Shift+ArrowDown', 'z', 't')
      await page.getByRole('region', { name: 'Pick a target' }).waitFor()
      await page.getByRole('button', { name: 'Checks steps 1–2. Go there', exact: true }).waitFor()
      await page.getByText('Undone: ').waitFor()
      expect(await findings(page)).toEqual([])
    },
  )

  it('chooses among the labels of a step', async () => {
    const trace = await longTrace(5)
    const page = await openTrace(trace)
    const chosen = page.locator('aside li[aria-current=true]')
    await press(page, 'v', 'b', 's')
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(3)
    await chosen.getByRole('img', { name: 'subgoal setting, labelled' }).waitFor()
    const seen = new Set<string | null>()
    for (let turn = 0; turn < 3; turn++) {
      await press(page, 'l')
      seen.add(await chosen.getByRole('img').getAttribute('aria-label'))
    }
    expect(seen.size).toBe(3)
  })

  it('lists the history of the trace, live, and goes back to any point of it', async () => {
    const trace = await longTrace(6)
    const page = await openTrace(trace)
    const history = page.getByRole('region', { name: 'History' })
    await press(page, 'v', 'j', 'b', 'j', 's')
    await history.getByRole('button', { name: 'label subgoal setting (now)' }).waitFor()
    await history.getByRole('button', { name: 'label verification (undo to here)' }).click()
    await expect
      .poll(async () => (await labelsOf(trace)).map(({ behaviour }) => behaviour))
      .toEqual(['verification'])
    await history.getByRole('button', { name: 'label backtracking (undone, do again up to here)' }).click()
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(2)
    await history.getByRole('button', { name: 'Before all changes' }).click()
    await expect.poll(() => labelsOf(trace)).toEqual([])

    await handlers()['labels.apply']({
      ...{ traceId: trace.row.id, annotator: 'Ada', update: [], remove: [], join: false },
      add: [
        { span: { start: 0, end: 3 }, behaviour: 'verification', verdict: 'present', target: null, note: '' },
      ],
    })
    await history.getByText('Ada,').waitFor()
  })

  it('tells the labels of several people apart, and shows those of one alone', async () => {
    const trace = await longTrace(7)
    const span = spanOf(trace, 0)
    for (const [annotator, behaviour] of [
      ['Ada', 'verification'],
      ['Bob', 'backtracking'],
    ] as const)
      await handlers()['labels.add']({
        ...{ traceId: trace.row.id, span, behaviour, annotator, verdict: 'present', target: null, note: '' },
      })
    const page = await openTrace(trace)
    const labels = page.getByRole('region', { name: /labels?$/ })
    await labels.getByText('Ada', { exact: true }).waitFor()
    await labels.getByText('Bob', { exact: true }).waitFor()
    await page.getByLabel('Whose labels are shown').selectOption('Bob')
    await expect.poll(() => labels.getByText('Ada', { exact: true }).count()).toBe(0)
    expect(await currentStep(page).getByRole('img', { name: 'verification, labelled' }).count()).toBe(0)
    await currentStep(page).getByRole('img', { name: 'backtracking, labelled' }).waitFor()

    await page.getByLabel('Name of the annotator').fill('Cyd')
    await page.getByLabel('Name of the annotator').press('Tab')
    await page.getByRole('listbox', { name: 'Response' }).focus()
    await press(page, 's')
    await expect.poll(async () => (await labelsOf(trace)).map(({ annotator }) => annotator)).toContain('Cyd')
    await handlers()['settings.set']({ annotator: null })
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

  it('sends what a crashed page had not sent, once and in order', async () => {
    const trace = await longTrace(10)
    const page = await openTrace(trace)
    const context = page.context()
    const { origin } = new URL(page.url())
    await app().away(async () => {
      await page.getByText('The engine does not answer').waitFor()
      await press(page, 'v', 'j', 'b', '.', 'j', 's', 's', 'n')
      await page.keyboard.type('while away')
      await page.keyboard.press('Escape')
      await page.getByText('6 changes will be saved').waitFor()
      const stored = await page.evaluate(() => Object.keys(localStorage).filter((key) => /outbox/.test(key)))
      expect(stored).toHaveLength(1)
      await page.close({ runBeforeUnload: false })
    })
    const next = await context.newPage()
    await next.goto(origin)
    const expected = [
      { ...spanOf(trace, 0), behaviour: 'verification' },
      { ...spanOf(trace, 1, 2), behaviour: 'backtracking' },
    ]
    await expect.poll(() => labelsOf(trace), { timeout: 15_000 }).toMatchObject(expected)
    await expect
      .poll(async () => (await handlers()['notes.get']({ traceId: trace.row.id }))?.text)
      .toBe('while away')
    await expect
      .poll(() => next.evaluate(() => Object.keys(localStorage).filter((key) => /outbox/.test(key)).length))
      .toBe(0)
    expect(await labelsOf(trace)).toHaveLength(2)
    const history = await handlers()['history.list']({ traceId: trace.row.id, limit: 50 })
    expect(history.map(({ title }) => title).reverse()).toEqual([
      'label verification',
      'label backtracking',
      'extend backtracking',
      'label subgoal setting',
      'remove label subgoal setting',
      'write a note',
    ])
  })

  it('undoes and does again what was not sent yet', async () => {
    const trace = await longTrace(11)
    const page = await openTrace(trace)
    await app().away(async () => {
      await page.getByText('The engine does not answer').waitFor()
      await press(page, 'v', 'j', 'b')
      await page.getByText('2 changes will be saved').waitFor()
      await press(page, 'z')
      await page.getByText('Undone: label backtracking').waitFor()
      await page.getByText('1 change will be saved').waitFor()
      await press(page, 'z', 'Z')
      await page.getByText('1 change will be saved').waitFor()
    })
    await expect
      .poll(async () => (await labelsOf(trace)).map(({ behaviour }) => behaviour), { timeout: 15_000 })
      .toEqual(['verification'])
  })

  it('sets thresholds by keyboard, counts at once, and goes back', async () => {
    const trace = await longTrace(12)
    const page = await openTrace(trace)
    await tabTo(page, /thresholds$/)
    await press(page, 'Enter')
    const sheet = page.getByRole('dialog', { name: 'Thresholds' })
    const slider = sheet.getByRole('slider', { name: 'Verification' })
    await slider.waitFor()
    await page.keyboard.press('Tab')
    await expect.poll(() => slider.evaluate((one) => one === document.activeElement)).toBe(true)
    await press(page, 'Home')
    const { steps } = { steps: trace.bounds!.length / 2 }
    const at = (threshold: number) =>
      trace.prediction!.probabilities.filter((value, index) => index % 4 === 0 && value >= threshold).length
    await sheet
      .getByText(new RegExp(`^${at(0.01)} steps?$`))
      .first()
      .waitFor()
    expect(at(0.01)).toBeLessThanOrEqual(steps)
    await sheet.getByRole('button', { name: /^Back to .* for verification/ }).waitFor()
    await tabTo(page, /for verification$/)
    await press(page, 'Enter')
    const model = trace.prediction!.thresholds[0]!
    await sheet
      .getByText(new RegExp(`^${at(model)} steps?$`))
      .first()
      .waitFor()
    expect(await page.evaluate(() => localStorage.getItem('cairn.thresholds'))).toBeNull()
    await press(page, 'Escape')
    await expect.poll(() => sheet.isVisible()).toBe(false)
  })

  it('does the whole job with the keyboard alone', async () => {
    const path = join(app().folder, 'keyboard.jsonl')
    await writeFile(path, sampleLines('rft').slice(0, 12).join('\n'))
    const page = await app().open('#/library')
    await press(page, 'Control+o')
    await page.getByLabel('Path of a file, folder or archive').waitFor()
    await tabTo(page, /Path of a file/)
    await page.keyboard.type(path)
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Import', exact: true, disabled: false }).waitFor()
    await tabTo(page, /^Run$/)
    await page.keyboard.type('by keyboard')
    await tabTo(page, /^Import$/)
    await press(page, 'Enter')
    await page.getByText('Import of keyboard.jsonl done').waitFor()

    await press(page, 'Control+k')
    await page.keyboard.type('classify')
    await press(page, 'Enter')
    await page.getByRole('button', { name: /^Classify \d/, disabled: false }).waitFor()
    await tabTo(page, /^Classify \d/)
    await press(page, 'Enter')
    await page.getByText('Classification done').waitFor()

    await press(page, 'g', 't')
    await page.getByRole('grid').or(page.getByRole('table')).first().waitFor()
    await press(page, 'j', 'Enter')
    await page.waitForURL((url) => /#\/trace\/\d+/.test(url.hash))
    await currentStep(page).waitFor()
    const id = Number(/trace\/(\d+)/.exec(page.url())![1])
    const trace = await handlers()['traces.get']({ id })
    const before = await labelsOf(trace)
    await press(page, 'j', 'j', 'b', 't', 'k', 'Enter')
    await expect
      .poll(async () => (await labelsOf(trace)).filter(({ target }) => target !== null).length)
      .toBeGreaterThan(before.filter(({ target }) => target !== null).length)
    await press(page, 'z', 'z')
    await expect.poll(() => labelsOf(trace)).toEqual(before)
    await press(page, 'Z', 'n')
    await page.keyboard.type('by keyboard')
    await press(page, 'Escape')
    await expect.poll(async () => (await handlers()['notes.get']({ traceId: id }))?.text).toBe('by keyboard')
    expect(await labelsOf(trace)).toHaveLength(before.length + 1)
    await press(page, 'Escape')
    await page.waitForURL((url) => url.hash.startsWith('#/traces'))
  })
}
