import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { App } from './app.ts'
import { cell, current, header, rows } from './traces-table.ts'

/** The table of traces: walking, filtering and marking. */
export function tracesTests(app: () => App): void {
  it('sorts by a header, and the keyboard walks from the first row to the last', async () => {
    const page = await app().open('#/traces')
    const { handlers } = app().engine()
    const byLength = { by: 'length', descending: true } as const
    const total = await handlers['traces.count']({ filter: {} })
    const longest = await handlers['traces.list']({ filter: {}, sort: byLength, offset: 0, limit: 2 })
    await header(page, 'Length').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    await expect.poll(() => cell(page, 1).textContent()).toBe(String(longest[0]!.id))
    await page.getByRole('grid').focus()
    await page.keyboard.press('j')
    await expect.poll(() => cell(page, 1).textContent()).toBe(String(longest[1]!.id))
    await page.keyboard.press('End')
    await expect.poll(() => current(page).getAttribute('aria-rowindex')).toBe(String(total + 1))
    await page.keyboard.press('Home')
    await expect.poll(() => current(page).getAttribute('aria-rowindex')).toBe('2')
  })

  it('draws only the rows in sight', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    expect(await rows(page).count()).toBeLessThan(60)
  })

  it('opens a trace and comes back to its row', async () => {
    const page = await app().open('#/traces?correct=yes&sort=-length')
    await rows(page).first().waitFor()
    await page.getByRole('grid').focus()
    for (let times = 0; times < 3; times++) await page.keyboard.press('ArrowDown')
    const id = await cell(page, 1).textContent()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.hash === `#/trace/${id}?correct=yes&sort=-length`)
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => cell(page, 1).textContent()).toBe(id)
  })

  it('searches as one types, marks the hits, and keeps the filter in the address', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('wait')
    await page.waitForURL((url) => url.hash === '#/traces?q=wait')
    const total = await app()
      .engine()
      .handlers['traces.count']({ filter: { search: 'wait' } })
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await expect.poll(() => page.locator('mark').first().textContent()).toMatch(/^wait$/i)
  })

  it('filters by how often a behaviour occurs', async () => {
    const page = await app().open('#/traces')
    await page.getByRole('button', { name: 'Behaviours' }).click()
    await page.getByLabel('Backtracking, at least').fill('5')
    await page.keyboard.press('Enter')
    const filter = { behaviours: [{ behaviour: 'backtracking' as const, unit: 'steps' as const, min: 5 }] }
    const total = await app().engine().handlers['traces.count']({ filter })
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await page.waitForURL((url) => url.hash === '#/traces?backtracking=steps%3A5..')
  })

  it('says so when nothing fits, and takes the filter away again', async () => {
    const page = await app().open('#/traces?q=xylophonist')
    await page.getByText('No trace fits').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await rows(page).first().waitFor()
  })

  it('marks rows by keyboard and mouse, keeps the marks when the order changes, and exports them', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press(' ')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    const bar = page.getByRole('toolbar', { name: 'Marked traces' })
    await bar.getByText('3 marked').waitFor()
    await page.getByRole('checkbox', { name: 'Mark trace 6', exact: true }).click()
    await page.getByRole('checkbox', { name: 'Mark trace 9', exact: true }).click({ modifiers: ['Shift'] })
    await bar.getByText('7 marked').waitFor()
    await header(page, 'Length').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    await bar.getByText('7 marked').waitFor()
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: 'Export 7 traces' })
    const path = join(app().folder, 'marked.jsonl')
    await dialog.getByText('Whole traces').click()
    await dialog.getByLabel('File', { exact: true }).fill(path)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByText('7 rows').waitFor()
    const ids = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id)
    expect(ids.sort((a, b) => a - b)).toEqual([1, 2, 3, 6, 7, 8, 9])
    await dialog.getByRole('button', { name: 'Done' }).click()
    // The file is there now: a second export says so and leaves it as it is.
    await page.keyboard.press('e')
    await dialog.getByLabel('File', { exact: true }).fill(path)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByRole('alert').waitFor()
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(7)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('dialog').count()).toBe(0)
    await page.keyboard.press('Escape')
    await expect.poll(() => bar.count()).toBe(0)
  })

  it('marks all that fit as a filter, which another filter ends', async () => {
    const page = await app().open('#/traces?correct=no')
    await rows(page).first().waitFor()
    const total = await app()
      .engine()
      .handlers['traces.count']({ filter: { correct: false } })
    await page.keyboard.press('Control+a')
    await page.getByText(`All ${total.toLocaleString('en')} traces that fit`).waitFor()
    await header(page, 'Length').click()
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor()
    expect(await page.getByRole('checkbox', { name: 'Mark all that fit' }).isChecked()).toBe(true)
    await page.evaluate(() => (location.hash = '#/traces?correct=yes'))
    await expect.poll(() => page.getByRole('toolbar', { name: 'Marked traces' }).count()).toBe(0)
  })

  it('takes rows out of a range again, and copies what is marked', async () => {
    const page = await app().open('#/traces')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await rows(page).first().waitFor()
    const bar = page.getByRole('toolbar', { name: 'Marked traces' })
    await page.getByRole('grid').focus()
    for (let times = 0; times < 4; times++) await page.keyboard.press('Shift+ArrowDown')
    await bar.getByText('5 marked').waitFor()
    for (let times = 0; times < 2; times++) await page.keyboard.press('Shift+ArrowUp')
    await bar.getByText('3 marked').waitFor()
    // From where one goes without Shift, another range starts.
    for (let times = 0; times < 3; times++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await bar.getByText('5 marked').waitFor()
    await bar.getByRole('button', { name: 'Copy numbers' }).click()
    await page.getByText('Copied 5 numbers.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('1\n2\n3\n6\n7')
  })

  it('marks all but one, and copies the numbers of all of them', async () => {
    const page = await app().open('#/traces?correct=no')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await rows(page).first().waitFor()
    const { handlers } = app().engine()
    const total = await handlers['traces.count']({ filter: { correct: false } })
    const [first] = await handlers['traces.list']({
      ...{ filter: { correct: false }, offset: 0, limit: 1 },
      sort: { by: 'id', descending: false },
    })
    await page.keyboard.press('Control+a')
    await page.getByRole('checkbox', { name: `Mark trace ${first!.id}`, exact: true }).click()
    const bar = page.getByRole('toolbar', { name: 'Marked traces' })
    await bar.getByText(`${(total - 1).toLocaleString('en')} marked`).waitFor()
    await bar.getByRole('button', { name: 'Copy numbers' }).click()
    await page.getByText(/^Copied [\d,]+ numbers\.$/).waitFor()
    const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n').map(Number)
    expect(copied).toHaveLength(total - 1)
    expect(copied).not.toContain(first!.id)
  })

  it('has a chip for each part of the filter, which removes it', async () => {
    const parts = [
      ['run=grpo', 'grpo'],
      ['checkpoint=1..', 'step ≥ 1'],
      ['length=..90000', 'length ≤ 90,000'],
      ['correct=no', 'wrong'],
      ['verified=no', 'verdict wrong'],
      ['verdict=incorrect', 'Cairn: wrong'],
      ['truncated=no', 'not cut off'],
      ['classified=yes', 'classified'],
      ['labelled=no', 'not labelled'],
      ['disagrees=no', 'agrees with the file'],
      ['verification=episodes%3A1..', 'verification ≥ 1 episodes'],
    ] as const
    const page = await app().open(`#/traces?${parts.map(([param]) => param).join('&')}`)
    const left = parts.map(([param]) => param as string)
    for (const [param, text] of parts) {
      await page.getByRole('button', { name: `Remove ${text}`, exact: true }).click()
      left.splice(left.indexOf(param), 1)
      const query = left.length === 0 ? '' : `?${left.join('&')}`
      await page.waitForURL((url) => url.hash === `#/traces${query}`)
    }
    await page.evaluate(() => (location.hash = '#/traces?reward=5..&tokens=1..&q=wait'))
    await page.getByRole('button', { name: 'Clear all' }).click()
    await page.waitForURL((url) => url.hash === '#/traces')
  })

  it('shows rows to come while the first are read, and can try again when they cannot be', async () => {
    const page = await app().open('#/library')
    await app().away(async () => {
      await page.evaluate(() => (location.hash = '#/traces'))
      await page.getByRole('status', { name: 'Reading the traces' }).waitFor()
    })
    await rows(page).first().waitFor()
    // A search that means nothing is refused by the engine.
    await page.evaluate(() => (location.hash = '#/traces?q=%22'))
    await page.reload()
    await page.getByRole('alert').getByRole('heading', { name: 'The traces cannot be read' }).waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await rows(page).first().waitFor()
  })

  it('lists every key of the table in the shortcuts sheet', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
    const keysOf = async (title: string) =>
      (await sheet.locator('dl > div', { hasText: title }).first().locator('dd').textContent())!
        .replace(/\s+/g, ' ')
        .trim()
    expect(await keysOf('Mark the row')).toBe('Space')
    for (const title of [
      'Mark on to the next row',
      'Mark all that fit',
      'Unmark all',
      'Export…',
      'Widen the column',
    ])
      expect(await keysOf(title)).not.toBe('')
  })

  it('filters by metadata, and takes the condition off again', async () => {
    const page = await app().open('#/traces')
    await rows(page).first().waitFor()
    const [row] = await app()
      .engine()
      .handlers['traces.list']({ filter: {}, sort: { by: 'id', descending: true }, offset: 0, limit: 1 })
    const { metadata } = await app().engine().handlers['traces.get']({ id: row!.id })
    const [path, value] = Object.entries(metadata).find(([, one]) => typeof one === 'string')!
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByLabel('Metadata path').fill(path)
    await page.getByLabel('Comparison').selectOption('=')
    await page.getByLabel('Value').fill(JSON.stringify(value))
    await page.keyboard.press('Enter')
    const filter = { metadata: [{ path, op: '=' as const, value: value as string }] }
    const total = await app().engine().handlers['traces.count']({ filter })
    expect(total).toBeGreaterThan(0)
    await expect
      .poll(() => page.locator('.count').textContent())
      .toContain(`${total.toLocaleString('en')} of `)
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: `Remove ${path} = ${JSON.stringify(value)}` })
      .first()
      .click()
    await page.waitForURL((url) => url.hash === '#/traces')
  })
}
