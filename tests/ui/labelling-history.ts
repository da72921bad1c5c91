import { expect, it } from 'vitest'
import type { App } from './app.ts'
import { currentStep, labellingHelp, press } from './labelling-help.ts'

/** Labels as they came about: their history, their people, and those that were not sent yet. */
export function labelHistoryTests(app: () => App): void {
  const { handlers, longTrace, openTrace, labelsOf, spanOf } = labellingHelp(app)

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
    await expect.poll(() => labelsOf(trace)).toMatchObject(expected)
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
      .poll(async () => (await labelsOf(trace)).map(({ behaviour }) => behaviour))
      .toEqual(['verification'])
  })
}
