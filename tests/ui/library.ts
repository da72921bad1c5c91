import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

export function libraryTests(app: () => App): void {
  const handlers = () => app().engine().handlers

  it('lists the runs, and each leads to its traces', async () => {
    const page = await app().open('#/library')
    const [run] = await handlers()['stats.runs']({ filter: {}, unit: 'steps' })
    await page.getByRole('link', { name: run!.run, exact: true }).first().click()
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${run!.traces.toLocaleString('en')} of `)
  })

  it('imports a file after a look at it, and has its broken record mended', async () => {
    const path = join(app().folder, 'rollouts.jsonl')
    const record = (n: number) => JSON.stringify({ prompt: `Add ${n}.`, response: `Let me see. ${n} it is.` })
    await writeFile(path, `${record(1)}\n{"prompt": "Add 2.", "response": "cut\n${record(3)}\n`)
    const before = await handlers()['traces.count']({ filter: {} })

    const page = await app().open('#/library')
    await page.keyboard.press('Control+o')
    await page.getByLabel('Path of a file, folder or archive').fill(path)
    await page.keyboard.press('Enter')
    await page.getByText('Let me see. 1 it is.').waitFor()
    await page.getByLabel('Run', { exact: true }).fill('by hand')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('Import of rollouts.jsonl done').waitFor()
    expect(await handlers()['traces.count']({ filter: { runs: ['by hand'] } })).toBe(2)

    const [source] = (await handlers()['workspace.sources']({})).filter(({ rejected }) => rejected > 0)
    await page.evaluate((id) => (location.hash = `#/rejects/${id}`), source!.id)
    await page.getByText('line 2').waitFor()
    await page.getByRole('button', { name: 'Mend…' }).click()
    await page.getByLabel('Text of the record').fill(record(2))
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Nothing was rejected').waitFor()
    expect(await handlers()['traces.count']({ filter: {} })).toBe(before + 3)
  })

  it('says what it cannot read', async () => {
    const page = await app().open('#/library')
    await page.keyboard.press('Control+o')
    await page.getByLabel('Path of a file, folder or archive').fill(join(app().folder, 'nowhere.jsonl'))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('alert').waitFor()
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true)
  })

  it('classifies what is new, and says where it runs', async () => {
    const page = await app().open('#/library')
    await page.getByRole('button', { name: 'Classify…' }).first().click()
    await page.getByText(/^(CPU|CUDA): /).waitFor()
    await page.getByRole('button', { name: /^Classify \d/ }).click()
    await page.getByText('Classification done').waitFor()
    expect(await handlers()['traces.count']({ filter: { classified: false } })).toBe(0)
  })
}
