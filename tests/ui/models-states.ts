import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { unchanged } from '#shared/domain/adapt/adaptation.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { App } from './app.ts'
import { doneOf, interrupt } from './interrupted.ts'
import { judgeSteps } from './judged-steps.ts'
import { findings } from './look.ts'
import { copyModel } from './models.ts'
import { createWire } from './wire.ts'

/** Models that are removed, jobs that fail or end too soon, connections that break: what the view says and keeps. */
export function modelStatesTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  const waited = async (id: number) => (await handlers()['jobs.wait']({ id })).state
  const classify = async (model: string, ids: readonly number[]) => {
    const filter = { ids: [...ids] }
    const input = { filter, model, device: 'cpu' as const, force: true, beside: true }
    return waited((await handlers()['classify.start'](input)).id)
  }
  const message = (page: Page, text: string) => page.locator('.toast', { hasText: text })

  /** Work with a model that is gone afterwards. */
  async function withModel(told: Parameters<typeof copyModel>[1], work: (path: string) => Promise<void>) {
    const path = copyModel(app().folder, told)
    try {
      await work(path)
    } finally {
      rmSync(path, { recursive: true, force: true })
    }
  }

  it('names the model that was removed, and says which one an address misses', () =>
    withModel({ id: 'gone', title: 'Gone for good' }, async () => {
      const page = await app().open('#/models?model=gone')
      await page.getByRole('button', { name: 'Remove' }).click()
      const gone = message(page, 'Gone for good is removed.')
      await gone.waitFor()
      await expect.poll(() => new URL(page.url()).hash).toBe('#/models')
      await gone.getByRole('button', { name: 'Undo' }).click()
      await page.getByRole('button', { name: 'Gone for good' }).click()
      await page.getByRole('button', { name: 'Remove' }).click()
      await gone.waitFor()
      await page.evaluate(() => (location.hash = '#/models?model=gone'))
      const missing = page.getByText('There is no model “gone” in this workspace.')
      await missing.waitFor()
      // What is shown there is of no model.
      for (const tab of ['People', 'Judge']) {
        await page.getByRole('radio', { name: tab }).check()
        await expect.poll(() => missing.count()).toBe(0)
      }
    }))

  it('says which model is used from now on', () =>
    withModel({ id: 'chosen', title: 'The chosen one' }, async () => {
      const page = await app().open('#/models?model=chosen')
      await page.getByRole('button', { name: 'Use this model' }).click()
      await message(page, 'The chosen one is used from now on.').waitFor()
      await handlers()['settings.set']({ model: null })
    }))

  it('takes back what was learnt, and has the model it was learnt on say again what it said', () =>
    withModel({ id: 'origin', title: 'Origin' }, () =>
      withModel({ id: 'taught', title: 'Taught' }, async (path) => {
        const show = async (model: string, ids: number[] | null) => {
          const input = { filter: ids === null ? {} : { ids }, device: 'cpu', force: false } as const
          expect(await waited((await handlers()['classify.start']({ ...input, model })).id)).toBe('done')
        }
        writeFileSync(join(path, 'manifest.json'), JSON.stringify(adapted('taught', 'origin')))
        await show('taught', [9])
        const page = await app().open('#/models?model=taught')
        const back = page.getByRole('button', { name: 'Back to the original' })
        const removed = message(page, 'Removed. Origin is as it was.')
        const model = async () => (await handlers()['traces.get']({ id: 9 })).prediction?.model
        await back.click()
        await removed.getByRole('button', { name: 'Undo' }).click()
        await expect.poll(() => new URL(page.url()).hash).toBe('#/models?model=taught')
        await expect.poll(model).toBe('taught')
        // Nothing that was begun by the removal goes on.
        await expect
          .poll(
            async () => (await handlers()['jobs.list']({})).filter(({ state }) => state === 'running').length,
          )
          .toBe(0)
        expect(await model()).toBe('taught')
        await back.click()
        await removed.waitFor()
        const [job] = await handlers()['jobs.list']({})
        expect(job).toMatchObject({ kind: 'classify', input: { model: 'origin' } })
        await handlers()['jobs.cancel']({ id: job!.id })
        await show('cairn-fast', null)
      }),
    ))

  it('keeps the list when it cannot be read anew', async () => {
    const page = await app().open('#/models')
    const list = page.locator('nav[aria-label=Models] button')
    await list.first().waitFor()
    const own = join(app().folder, 'workspace/models')
    mkdirSync(own, { recursive: true })
    renameSync(own, `${own}.aside`)
    writeFileSync(own, 'no folder')
    try {
      expect(await classify('cairn-fast', [1])).toBe('failed')
      await page.getByText('The models cannot be read anew').waitFor()
      expect(await list.count()).toBeGreaterThan(1)
    } finally {
      rmSync(own)
      renameSync(`${own}.aside`, own)
    }
  })

  it('says which model cannot be read, has the others all the same, and takes it away', async () => {
    const torn = join(app().folder, 'workspace/models/torn')
    mkdirSync(torn, { recursive: true })
    writeFileSync(join(torn, 'manifest.json'), '{')
    try {
      const page = await app().open('#/models?model=cairn-fast')
      const problem = page.getByText('its manifest.json cannot be read')
      await problem.waitFor()
      expect(await page.locator('nav[aria-label=Models] button[aria-current=true]').count()).toBe(1)
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Remove torn' }).click()
      await message(page, 'torn is removed.').waitFor()
      expect(await problem.count()).toBe(0)
    } finally {
      rmSync(torn, { recursive: true, force: true })
    }
  })

  it('shows names of any length whole', () =>
    withModel({ id: 'long', title: `a_very_${'long_'.repeat(20)}name` }, async () => {
      expect(await classify('long', [1, 2])).toBe('done')
      expect(await classify('cairn-fast', [1, 2])).toBe('done')
      for (const place of ['?model=long', '?model=long&tab=compare&with=cairn-fast']) {
        const page = await app().open(`#/models${place}`, { size: [1100, 800] })
        await page.locator('.panel section').first().waitFor()
        if (place.includes('compare')) await page.getByRole('table').waitFor()
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll('nav[aria-label=Models], .panel')].map(
            ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
          ),
        )
        expect({ place, wide }).toEqual({ place, wide: [false, false] })
      }
    }))

  it('leads from a difference to its step, and tells of it to those who do not see it', () =>
    withModel({ id: 'other', title: 'Other', thresholds: all(0.05) }, async () => {
      await classify('other', [1, 2, 3])
      const page = await app().open('#/models?model=cairn-fast&tab=compare&with=other')
      const [first, second] = await handlers()['models.differences']({
        first: { model: 'cairn-fast', version: (await known('cairn-fast')).version },
        second: { model: 'other', version: '2' },
        limit: 2,
      })
      const link = page.locator('li:has(.verdict) a')
      await link.first().waitFor()
      expect(await link.first().getAttribute('href')).toBe(`#/trace/${first!.traceId}?at=${first!.start}`)
      await page.keyboard.press('j')
      await expect
        .poll(() => page.locator('.panel p[aria-live=polite].visually-hidden').textContent())
        .toContain(`${second!.text.slice(0, 30)}`)
    }))

  it('says why two models could not be compared', () =>
    withModel({ id: 'broken', title: 'Broken' }, async (path) => {
      truncateSync(join(path, 'model.onnx'), 100)
      const page = await app().open('#/models?model=broken&tab=compare&with=cairn-fast')
      await page.getByRole('button', { name: 'Both on 200 traces' }).click()
      const told = page.locator('.panel').getByRole('alert')
      await told.getByText(/What Broken has classified is kept\.$/).waitFor()
      expect(await told.textContent()).toContain('model.onnx')
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await expect.poll(() => told.count()).toBe(0)
    }))

  it('shows how far a classification is, and begins no second one', () =>
    withModel({ id: 'slow', title: 'Slow' }, async () => {
      const wire = createWire()
      const page = await app().open('#/models?model=slow', wire)
      const button = page.locator('.panel').getByRole('button', { name: /^Classify \d/ })
      await button.waitFor()
      wire.hold(doneOf('classify'))
      await classify('slow', [1])
      await page.getByRole('progressbar', { name: 'Classifying' }).waitFor()
      expect(await button.isDisabled()).toBe(true)
    }))

  it('tells of a measurement that failed where it was asked for, not with other models', async () => {
    const page = await app().open('#/models?model=cairn-fast&tab=measure')
    await page.getByRole('radio', { name: 'A file' }).check()
    await page.getByLabel('Label file').fill('/nowhere.jsonl')
    await page.keyboard.press('Enter')
    const told = page.getByRole('alert').getByText('/nowhere.jsonl')
    await told.waitFor()
    await page.getByRole('heading', { name: 'Measure', exact: true }).click()
    await page.keyboard.press('[')
    await page.getByRole('heading', { name: 'Measure', exact: true }).waitFor()
    await page.waitForTimeout(300)
    expect(await told.count()).toBe(0)
  })

  it('leads from an error to its step, and has no figures of another version', async () => {
    const { bounds } = await handlers()['traces.get']({ id: 3 })
    const span = { start: bounds![0]!, end: bounds![1]! }
    const add = BEHAVIOURS.map((behaviour) => ({
      ...{ span, behaviour, verdict: 'present' as const, target: null, note: '' },
    }))
    const { added } = await handlers()['labels.apply']({
      ...{ traceId: 3, annotator: 'test', add, update: [], remove: [], join: false },
    })
    const job = await handlers()['models.evaluate']({ model: 'cairn-fast', judged: true, device: 'cpu' })
    expect(await waited(job.id)).toBe('done')
    for (const { id } of added) await handlers()['labels.remove']({ id })
    const page = await app().open('#/models?model=cairn-fast&tab=measure')
    const link = page.getByRole('link', { name: /trace 3$/ }).first()
    expect(await link.getAttribute('href')).toBe(`#/trace/3?at=${span.start}`)
    await page.keyboard.press('2')
    const precision = page.getByText('precision', { exact: true })
    await precision.first().waitFor()
    await app().away(() => {
      const db = new Database(join(app().folder, 'workspace/cairn.db'))
      db.exec(`UPDATE jobs SET result = json_set(result, '$.version', '0')
               WHERE kind = 'evaluate' AND state = 'done'`)
      db.close()
      return Promise.resolve()
    })
    await page.getByText('Measure the model to see precision and recall here too.').waitFor()
    expect(await precision.count()).toBe(0)
  })

  it('says thresholds as finely as they are set', async () => {
    const page = await app().open('#/models?model=cairn-fast&tab=thresholds')
    const slider = page.getByRole('slider', { name: 'Verification' })
    await slider.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^0\.998, /)
  })

  it('tells when learning was interrupted, goes on with it, and says when it gained nothing', () =>
    withLabels(async () => {
      const wire = createWire()
      const page = await app().open('#/models?model=cairn-fast', wire)
      const learn = page.getByRole('button', { name: 'Learn', exact: true, disabled: false })
      // The list of jobs has come: it may hold others of this kind that are done, and would be held back too.
      await learn.waitFor()
      wire.hold(doneOf('adapt'))
      await learn.click()
      await page.getByRole('progressbar', { name: 'Learning' }).waitFor()
      await expect.poll(async () => (await handlers()['jobs.list']({}))[0]!.state).toBe('done')
      await interrupt(app(), 'adapt')
      wire.hold(null)
      await page.getByText('Interrupted: Cairn ended before this was done. No model was changed.').waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Resume' }).click()
      await message(page, 'Learnt: “').waitFor()
      await page.waitForURL(/model=cairn-fast-mine/)
      wire.change('"result":{"model":"cairn-fast-mine"', '"result":{"model":null')
      await page.getByRole('button', { name: 'Learn again' }).click()
      await page.getByText(/^Learnt anew, nothing would be told better than by /).waitFor()
      await page.getByText(/was learnt before and stays as it is/).waitFor()
      // What was tried stands first.
      const tables = page.getByRole('table', { name: /by behaviour$/ })
      await expect
        .poll(() => tables.locator('caption').allTextContents())
        .toEqual(['What was tried, by behaviour', 'What was learnt, by behaviour'])
      // It is there for those who come back, and told to those who have left.
      const table = page.getByRole('grid', { name: 'Traces' })
      await page.evaluate(() => (location.hash = '#/traces'))
      await table.waitFor()
      await page.evaluate(() => (location.hash = '#/models?model=cairn-fast-mine'))
      await expect.poll(() => tables.count()).toBe(2)
      const again = page.getByRole('button', { name: 'Learn again', disabled: false })
      await again.evaluate((button: HTMLElement) => {
        button.click()
        location.hash = '#/traces'
      })
      await message(page, 'Learnt anew, nothing would be told better than by ').waitFor()
      await message(page, 'Learnt anew').getByRole('button', { name: 'Show' }).click()
      await page.waitForURL(/model=cairn-fast-mine/)
      await page.getByRole('button', { name: 'Back to the original' }).click()
      await message(page, 'Removed.').waitFor()
      expect(await page.getByText(/^Learnt anew/).count()).toBe(0)
    }))

  it('says no more of a judge whose questions were interrupted once that is dismissed', async () => {
    const input = { url: 'http://127.0.0.1:1/v1', model: 'gone', behaviours: [...BEHAVIOURS], sample: 1 }
    const { id } = await handlers()['judge.start']({ ...input, concurrency: 1, filter: {}, seed: 1 })
    await handlers()['jobs.cancel']({ id })
    await waited(id)
    const page = await app().open('#/models?tab=judge')
    await page.getByRole('button', { name: 'Ask', exact: true }).waitFor()
    await interrupt(app(), 'judge')
    const told = page.locator('.panel').getByText('Interrupted: Cairn ended before this was done.')
    await told.waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect.poll(() => told.count()).toBe(0)
  })

  it('looks again when another folder is named, and calls a model as it was named', async () => {
    const page = await app().open('#/models')
    await page.getByRole('button', { name: 'Add a model…' }).click()
    const tiny = join(import.meta.dirname, '../fixtures/models/tiny-classifier')
    const folder = page.getByLabel('Folder of the model')
    await folder.fill(tiny)
    await page.keyboard.press('Enter')
    await page.getByLabel('Verification').selectOption('checks')
    const add = page.getByRole('button', { name: 'Add', exact: true })
    expect(await add.isDisabled()).toBe(false)
    await folder.fill('/nowhere')
    expect(await add.isDisabled()).toBe(true)
    await folder.fill(tiny)
    await page.getByLabel('Name in this workspace').fill('my-checks')
    await add.click()
    await page.waitForURL(/model=my-checks/)
    await page.getByRole('heading', { name: 'my-checks' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await message(page, 'my-checks is removed.').waitFor()
  })

  it('keeps what is typed to a judge, says what is missing, and mixes no two judges', async () => {
    const stored = { url: 'http://127.0.0.1:1/v1', model: 'stored' }
    await handlers()['settings.set']({ judge: stored })
    const wire = createWire()
    const page = await app().open('#/models?model=cairn-fast&tab=judge', wire)
    const model = page.getByLabel('Model', { exact: true })
    const server = page.getByLabel('Server', { exact: true })
    await expect.poll(() => model.inputValue()).toBe('stored')
    await model.fill('typed')
    await app().away(() => {
      const db = new Database(join(app().folder, 'workspace/cairn.db'))
      const put = db.prepare(`INSERT INTO judgements VALUES (?, ?, 'verification', ?, NULL, '', 1, 1, '')`)
      for (const [judge, count] of [['Ada', 1] as const, ['Bob', 5] as const]) put.run(1, judge, count)
      db.close()
      return Promise.resolve()
    })
    const judge = page.getByRole('combobox', { name: 'Judge', exact: true })
    await judge.waitFor()
    expect(await model.inputValue()).toBe('typed')
    await page.getByRole('heading', { name: 'Its answers' }).click()
    await page.keyboard.press('[')
    await page.waitForURL(/model=cairn-accurate/)
    expect(await model.inputValue()).toBe('typed')
    await server.fill('localhost:8000')
    await page.getByText('Name a server: an address that begins with http:// or https://.').waitFor()
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)

    const rows = page.getByRole('table', { name: /^Agreement of the judge/ }).locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(4)
    wire.hold(/"otherMean"/)
    const names = await judge.locator('option').allTextContents()
    await judge.selectOption(names[1]!)
    await page.locator('.panel b', { hasText: names[1]! }).waitFor()
    expect(await rows.count()).toBe(0)
    wire.hold(null)
    await judge.selectOption(names[0]!)
    await expect.poll(() => rows.count()).toBe(4)
  })

  const all = (threshold: number) => Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, threshold]))
  const known = async (id: string) => (await handlers()['models.list']({})).find((one) => one.id === id)!

  /** A manifest of a model that learnt nothing. */
  const adapted = (id: string, base: string) => ({
    ...{ id, version: '1+1', kind: 'adapted', title: 'Taught', behaviours: BEHAVIOURS, thresholds: all(0.5) },
    ...{ files: {}, base: { id: base, version: '2' }, annotator: null, traces: 1, at: '' },
    weights: BEHAVIOURS.flatMap((_, index) => [...unchanged(index)]),
    learned: BEHAVIOURS.map(() => ({
      ...{ steps: 1, shown: 1, before: null, after: null, lossBefore: 1, lossAfter: 1, kept: true },
    })),
  })

  /** Work with enough labels to learn from, which are gone afterwards. */
  async function withLabels(work: () => Promise<void>): Promise<void> {
    const takeBack = await judgeSteps(app())
    try {
      await work()
    } finally {
      await takeBack()
    }
  }
}
