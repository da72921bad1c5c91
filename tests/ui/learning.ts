import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { isUnsure } from '#shared/domain/models/unsure.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'

const IDS = Array.from({ length: 8 }, (_, index) => 390 + index)

export function learningTests(app: () => App): void {
  beforeAll(async () => {
    const { handlers } = app().engine()
    const input = { filter: { ids: IDS }, model: 'cairn-accurate', device: 'cpu' as const, force: false }
    await handlers['jobs.wait']({ id: (await handlers['classify.start']({ ...input, beside: false })).id })
  })

  const within = async (hash: string, work: (page: Page) => Promise<void>) => {
    const page = await app().open(hash)
    try {
      await work(page)
    } finally {
      await page.context().close()
    }
  }
  const steps = async (page: Page) =>
    (await page.getByRole('option', { selected: true }).first().innerText()).slice(0, 60)

  it(
    'asks for the next step to label, goes on with a key, and weighs heads by what was said',
    () =>
      within(`#/trace/${IDS[0]}`, async (page) => {
        await page.getByRole('listbox', { name: 'Response' }).waitFor()
        await page.keyboard.press('N')
        const banner = page.getByRole('region', { name: 'Label next' })
        // Sixty traces are read first.
        await banner.getByText(/^1 of \d+$/).waitFor({ timeout: 120_000 })
        const first = await steps(page)
        await page.keyboard.press('X')
        await banner.getByText(/^2 of \d+$/).waitFor()
        expect(await steps(page)).not.toBe(first)
        await page.keyboard.press('v')
        await banner.getByText('Labelled.').waitFor()
        expect(await findings(page)).toEqual([])
        // Going on says that this is all that the step shows.
        const traceId = Number(/#\/trace\/(\d+)/.exec(page.url())![1])
        await page.keyboard.press('N')
        await banner.getByText(/^3 of \d+$/).waitFor()
        const verdicts = async () => {
          const labels = await app().engine().handlers['labels.list']({ traceId })
          const whole = Map.groupBy(labels, ({ start, end }) => `${start} ${end}`)
          return [...whole.values()].map((own) => own.map(({ verdict }) => verdict).sort())
        }
        await expect.poll(verdicts).toContainEqual(['absent', 'absent', 'absent', 'present'])
        await page.evaluate(() => (location.hash = '#/models?model=cairn-accurate'))
        const table = page.getByRole('table', { name: 'How much each head counts' })
        await table.waitFor()
        // Labels of other tests may be there already.
        const judged = await table.getByRole('row').nth(1).locator('td').first().innerText()
        expect(Number(judged)).toBeGreaterThanOrEqual(2)
        expect(await findings(page)).toEqual([])
      }),
    180_000,
  )

  it('shows where the model is unsure', async () => {
    const { id, step } = await unsureStep(app())
    await within(`#/trace/${id}`, async (page) => {
      await page.getByRole('listbox', { name: 'Response' }).waitFor()
      for (let at = 0; at < step; at++) await page.keyboard.press('j')
      await page
        .getByRole('option', { selected: true })
        .getByRole('img', { name: /unsure$/ })
        .first()
        .waitFor()
      await page.getByText('unsure', { exact: true }).first().waitFor()
    })
  })

  it('takes a behaviour of one’s own, and labels a step with its key', () =>
    within(`#/trace/${IDS[4]}`, async (page) => {
      await page.getByLabel('Name of a new behaviour').fill('Unit check')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('0 examples; 20 more to train it').waitFor()
      await page.getByRole('listbox', { name: 'Response' }).focus()
      await page.keyboard.press('1')
      await page.getByText('1 example; 19 more to train it').waitFor()
      await page.getByRole('img', { name: 'Unit check, labelled' }).first().waitFor()
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('z')
      await page.getByText('Undone: label “Unit check”').waitFor()
      await page.getByText('0 examples; 20 more to train it').waitFor()
      await page.keyboard.press('Z')
      await page.getByText('1 example; 19 more to train it').waitFor()

      // Removed by mistake: the message has the way back.
      await page.getByRole('button', { name: 'Remove Unit check' }).click()
      const told = page.locator('.toast', { hasText: 'Removed “Unit check” with its labels.' })
      await told.waitFor()
      expect(await page.getByText('1 example; 19 more to train it').count()).toBe(0)
      await told.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('1 example; 19 more to train it').waitFor()

      // It has a column, which stays when the table is opened again.
      await page.evaluate(() => (location.hash = '#/traces'))
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByRole('checkbox', { name: 'Unit check', exact: true }).check()
      await page.keyboard.press('Escape')
      await page.getByRole('columnheader', { name: /^Unit check/ }).waitFor()
      expect(await findings(page)).toEqual([])
      await page.reload()
      await page.getByRole('columnheader', { name: /^Unit check/ }).waitFor()
    }))

  it('shows where a behaviour of one’s own was found, and counts it by another threshold', async () => {
    const { handlers } = app().engine()
    const { id: behaviour } = await learnt(app)
    const found = async () => (await handlers['own.list']({})).find(({ id }) => id === behaviour)!.found
    const counts = await handlers['own.counts']({ behaviour, limit: 1 })
    await within(`#/trace/${counts[0]!.traceId}`, async (page) => {
      const strip = page.getByRole('scrollbar', { name: 'Place in the response' })
      const painted = () =>
        strip.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
          const { width, height } = canvas
          const { data } = canvas.getContext('2d')!.getImageData(0, (height * 4) / 5, width, height / 5)
          return data.some((value, at) => at % 4 === 3 && value > 0)
        })
      await page.locator('.strip').getByText('Comparison', { exact: true }).waitFor()
      await expect.poll(painted).toBe(true)
      expect(await findings(page)).toEqual([])
    })
    await within('#/models?model=cairn-accurate&tab=thresholds', async (page) => {
      const before = await found()
      const slider = page.getByRole('slider', { name: 'Comparison' })
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain(`, ${before} steps`)
      await slider.focus()
      await page.keyboard.press('Home')
      const told = (await slider.getAttribute('aria-valuetext'))!
      const expected = Number(/([\d,]+) steps/.exec(told)![1]!.replaceAll(',', ''))
      expect(expected).toBeGreaterThan(before)
      const part = page.getByRole('region', { name: 'Your behaviours' })
      await part.getByRole('button', { name: 'Keep', exact: true }).click()
      await expect.poll(found).toBe(expected)
      expect(await findings(page)).toEqual([])
      await part.getByRole('button', { name: 'As learnt' }).click()
      await expect.poll(found).toBe(before)
    })
    await handlers['own.remove']({ behaviour, annotator: null })
  })
}

/** A behaviour that is labelled in two traces out of three, learnt and looked for. */
async function learnt(app: () => App) {
  const { handlers } = app().engine()
  const made = await handlers['own.create']({ name: 'Comparison', description: '', annotator: null })
  const behaviour = made.id
  for (const traceId of IDS.filter((id) => id % 3 > 0)) {
    const { bounds, response } = await handlers['traces.get']({ id: traceId })
    for (let at = 0; at < bounds!.length; at += 2) {
      const span = { start: bounds![at]!, end: bounds![at + 1]! }
      if (!/too (high|low)|not \d+|close|no\b/i.test(response.slice(span.start, span.end))) continue
      await handlers['own.label']({ traceId, behaviour, span, annotator: 'Ann', verdict: 'present' })
    }
  }
  const ended = async ({ id }: { id: number }) =>
    expect((await handlers['jobs.wait']({ id })).state).toBe('done')
  await ended(await handlers['own.train']({ behaviour }))
  await ended(await handlers['own.classify']({ behaviour, filter: { ids: IDS } }))
  return made
}

/** A step near the begin of a trace whose probability of some behaviour is near the threshold. */
async function unsureStep(app: App): Promise<{ id: number; step: number }> {
  for (let id = 1; id < 400; id++) {
    const { prediction } = await app.engine().handlers['traces.get']({ id })
    const at = prediction?.probabilities.findIndex((p, index) =>
      isUnsure(p, prediction.thresholds[index % BEHAVIOURS.length]!),
    )
    if (at !== undefined && at >= 0 && at < 10 * BEHAVIOURS.length)
      return { id, step: Math.floor(at / BEHAVIOURS.length) }
  }
  throw new Error('the model is sure of everything')
}
