import { mkdir, writeFile } from 'node:fs/promises'
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

  it('reads each file in its own way, and leaves out what is not wanted', async () => {
    const folder = join(app().folder, 'several')
    await mkdir(folder)
    const write = (name: string, ...records: object[]) =>
      writeFile(join(folder, name), records.map((record) => JSON.stringify(record)).join('\n'))
    await write('a.jsonl', { prompt: 'p', completion: 'The first file.' })
    await write('b.jsonl', { question: 'p', wrong: 'not this', right: 'The second file.' })
    await write('c.jsonl', { prompt: 'p', completion: 'Zebras are left out.' })

    const page = await app().open('#/library')
    await page.keyboard.press('Control+o')
    await page.getByLabel('Path of a file, folder or archive').fill(folder)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Import files' })
    await dialog.getByText('The first file.').waitFor()
    await dialog.getByLabel('Run of this file').fill('one')
    await dialog.getByLabel('Its training step').fill('40')
    await dialog.getByRole('button', { name: /^b\.jsonl/ }).click()
    await dialog.getByLabel('Read as').selectOption('fields')
    await dialog.getByText('Fields', { exact: true }).click({ force: true })
    await dialog.getByLabel('Response', { exact: true }).fill('right')
    await dialog.getByLabel('Prompt', { exact: true }).fill('question')
    await dialog.getByText('Traces', { exact: true }).click({ force: true })
    await dialog.getByText('The second file.').waitFor()
    await dialog.getByLabel('Import c.jsonl').uncheck()
    await dialog.getByText('2 files to import').waitFor()
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('Import of several done').waitFor()

    const rows = await handlers()['stats.runs']({ filter: { runs: ['one'] }, unit: 'steps' })
    expect(rows.map(({ checkpoint, traces }) => [checkpoint, traces])).toEqual([[40, 1]])
    expect(await handlers()['traces.search']({ query: '"second file"', filter: {}, limit: 9 })).toHaveLength(
      1,
    )
    expect(await handlers()['traces.search']({ query: '"Zebras are"', filter: {}, limit: 9 })).toHaveLength(0)
  })

  it('shows what is wrong with really bad records, as text', async () => {
    const path = join(app().folder, 'bad.jsonl')
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    const lines = [
      Buffer.from('{"prompt": "cut", "response": "in the mid\n'),
      Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      Buffer.from(`${JSON.stringify({ prompt: hostile, response: null })}\n`),
      Buffer.from(`{"prompt": "huge", "response": "${'word '.repeat(100_000)}\n`),
      Buffer.from('{"prompt": "good", "response": "The only one."}\n'),
    ]
    await writeFile(path, Buffer.concat(lines))
    const job = await handlers()['imports.start']({ paths: [path] })
    await handlers()['jobs.wait']({ id: job.id })
    const { id } = (await handlers()['workspace.sources']({})).find(({ name }) => name.endsWith('bad.jsonl'))!
    const page = await app().open(`#/rejects/${id}`)
    await page.getByText('4 records').waitFor()
    expect(await page.getByText(/^(line|record) \d/).allTextContents()).toEqual([
      'line 1',
      'line 2',
      'line 3',
      'line 4',
    ])
    expect(await page.locator('pre').nth(2).textContent()).toContain('<script>')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.locator('main').textContent()).not.toContain('no_response')
    const huge = page.locator('article').nth(3)
    expect((await huge.locator('pre').textContent())!.length).toBeLessThan(600)
    await huge.getByRole('button', { name: 'Mend…' }).click()
    expect((await huge.getByRole('textbox').inputValue()).length).toBeGreaterThan(500_000)
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
