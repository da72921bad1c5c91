import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sampleLines } from '../unit/engine/support.ts'
import type { App } from './app.ts'
import { currentStep, labellingHelp, press, tabTo } from './labelling-help.ts'
import { findings } from './look.ts'

/** Labelling by keys, with what the model predicts. */
export function labellingTests(app: () => App): void {
  const { handlers, longTrace, openTrace, labelsOf, spanOf, allPredicted } = labellingHelp(app)

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
    await expect.poll(() => page.locator('[data-edge]').count()).toBe(2)
  })

  it('takes back all moves in a row at once, also those of a label that was just made', async () => {
    const trace = await longTrace(13)
    const page = await openTrace(trace)
    const spans = async () => (await labelsOf(trace)).map(({ start, end }) => ({ start, end }))
    // What counts as a row is a matter of time: no waiting in between.
    await press(page, 'j', 'j', 'Shift+ArrowDown', 'b', '.', '.', '<', ',')
    await expect.poll(spans).toEqual([spanOf(trace, 1, 4)])
    await press(page, 'z')
    await expect.poll(spans).toEqual([spanOf(trace, 2, 3)])
    await page.getByText('Undone: ').waitFor()
    await press(page, 'z')
    await expect.poll(spans).toEqual([])
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
    await press(page, 'Z')
    await expect.poll(async () => (await labelsOf(trace)).length).toBe(before.length + 1)
    await press(page, 'n')
    await page.keyboard.type('by keyboard')
    await press(page, 'Escape')
    await expect.poll(async () => (await handlers()['notes.get']({ traceId: id }))?.text).toBe('by keyboard')
    expect(await labelsOf(trace)).toHaveLength(before.length + 1)
    await press(page, 'Escape')
    await page.waitForURL((url) => url.hash.startsWith('#/traces'))
  })
}
