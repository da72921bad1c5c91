import { beforeAll, expect, it } from 'vitest'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'
import { createWire } from './wire.ts'

type Verdict = 'present' | 'absent'

/** Where people differ: how far, on which steps, and who has the last word. */
export function peopleTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  const traceId = 3

  const say = async (annotator: string, said: readonly Verdict[], behaviour: Behaviour = 'verification') => {
    const bounds = (await handlers()['traces.get']({ id: traceId })).bounds!
    const add = said.map((verdict, step) => ({
      ...{ span: { start: bounds[step * 2]!, end: bounds[step * 2 + 1]! }, behaviour, verdict },
      ...{ target: null, note: '' },
    }))
    await handlers()['labels.apply']({ traceId, annotator, add, update: [], remove: [], join: false })
  }
  const labels = () => handlers()['labels.list']({ traceId })
  const verdictsOf = async (name: string) =>
    (await labels()).filter(({ annotator }) => annotator === name).map(({ verdict }) => verdict)

  /** Whatever others have labelled before. */
  beforeAll(async () => {
    const ids = await handlers()['traces.ids']({
      ...{ filter: { labelled: true }, sort: { by: 'id', descending: false }, offset: 0, limit: 5000 },
    })
    for (const id of ids)
      for (const label of await handlers()['labels.list']({ traceId: id }))
        await handlers()['labels.remove']({ id: label.id })
  })

  it('says how a second person’s labels come in, and compares them as they do', async () => {
    const page = await app().open('#/models?tab=people')
    await page.getByText('Nobody has labelled anything yet').waitFor()
    await say('Ann', ['present', 'present', 'absent', 'absent'])
    await page.getByText('Only Ann has labelled anything').waitFor()
    await page.getByText('cairn labels import').waitFor()
    expect(await findings(page)).toEqual([])
    await say('Bob', ['present', 'absent', 'absent', 'present'])
    const table = page.getByRole('table', { name: 'Agreement between people by behaviour' })
    const row = table.getByRole('row', { name: /Verification/ })
    await row.waitFor()
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['1', '1', '1', '1', '0.00', '–', '0.13'])
    expect(await table.getByRole('columnheader').allInnerTexts()).toContain('Only Bob')
  })

  it('settles a difference with one key, as one’s own word, which is the last', async () => {
    const page = await app().open('#/models?tab=people')
    const list = page.locator('li:has(.verdict)')
    await list.nth(1).waitFor()
    expect(await list.count()).toBe(2)
    expect(await list.first().innerText()).toContain('Ann yes, Bob no; Bob’s word counts')
    await page.getByLabel('Settled by').fill('Cem')
    await page.getByLabel('Settled by').press('Enter')
    await page.getByLabel('Settled by').blur()
    // Read anew: what is settled is so by somebody.
    await list.nth(1).waitFor()
    await page.keyboard.press('y')
    await expect.poll(() => verdictsOf('Cem')).toEqual(['present'])
    expect(await list.nth(1).getAttribute('aria-current')).toBe('true')
    expect(await list.first().getByRole('button', { name: 'Shows it' }).getAttribute('aria-pressed')).toBe(
      'true',
    )
    await page.keyboard.press('k')
    await page.keyboard.press('n')
    await expect.poll(() => verdictsOf('Cem')).toEqual(['absent'])
    expect(await verdictsOf('Ann')).toEqual(['present', 'present', 'absent', 'absent'])
    expect(await verdictsOf('Bob')).toEqual(['present', 'absent', 'absent', 'present'])
    // A third has labelled now; what is looked at stays.
    await page.getByLabel('Between', { exact: true }).waitFor()
    expect(await page.getByLabel('Between', { exact: true }).locator('option:checked').innerText()).toBe(
      'Ann and Bob',
    )
    // What is settled comes last.
    const place = (at: number) => list.nth(at).getByRole('link').getAttribute('href')
    const settled = await place(0)
    await page.reload()
    await page.getByLabel('Between', { exact: true }).selectOption('Ann and Bob')
    await list.nth(1).waitFor()
    await expect.poll(() => place(1)).toBe(settled)
    // For somebody else it is open.
    await page.getByLabel('Settled by').fill('Dan')
    await page.getByLabel('Settled by').press('Enter')
    await expect.poll(() => place(0)).toBe(settled)
    await handlers()['settings.set']({ annotator: 'me' })
  })

  it('says nothing of a behaviour before it was read', async () => {
    const wire = createWire()
    const page = await app().open('#/models?tab=people', wire)
    const behaviour = page.getByLabel('Behaviour', { exact: true })
    await behaviour.selectOption('Backtracking')
    await page.getByText('They agree on every step about backtracking.').waitFor()
    wire.hold(/^/)
    await behaviour.selectOption('Subgoal setting')
    await page.getByText('Looking for where they differ…').waitFor()
    expect(await page.getByText(/^They agree on every step/).count()).toBe(0)
  })

  it('tells of everybody, and of whole traces', async () => {
    const page = await app().open('#/models?tab=people')
    const table = page.getByRole('table', { name: 'Agreement between people by behaviour' })
    const row = table.getByRole('row', { name: /Verification/ })
    await table.getByRole('columnheader', { name: 'Differ' }).waitFor()
    expect((await row.getByRole('cell').allInnerTexts()).slice(0, 2)).toEqual(['4', '2'])
    await page.getByRole('radio', { name: 'Traces they labelled' }).check()
    const steps = (await handlers()['traces.get']({ id: traceId })).bounds!.length / 2
    await page.getByText(`Over all ${steps.toLocaleString('en')} steps of 1 trace`).waitFor()
    // Of a trace that Cem has labelled he says no wherever he has settled nothing.
    expect((await row.getByRole('cell').allInnerTexts()).slice(0, 2)).toEqual([String(steps), '3'])
  })

  it('can be used by everyone, in both themes', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const page = await app().open('#/models?tab=people', { theme })
      await page.locator('li:has(.verdict)').first().waitFor()
      expect(await findings(page)).toEqual([])
    }
  })
}
