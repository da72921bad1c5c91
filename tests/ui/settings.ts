import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { App } from './app.ts'

const heading = (page: Page) => page.getByRole('heading', { name: 'Settings', level: 1 })
const pick = (page: Page, choice: string, option: string) =>
  page
    .getByRole('group', { name: choice, exact: true })
    .getByText(option, { exact: true })
    .click({ force: true })

export function settingsTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  const stored = () => handlers()['settings.get']({})

  it('opens from the rail, by keys and from the palette', async () => {
    const page = await app().open('#/library')
    for (const open of [
      () => page.getByRole('link', { name: 'Settings' }).click(),
      () => page.keyboard.press('Control+,'),
      () => page.keyboard.press('g').then(() => page.keyboard.press(',')),
      async () => {
        await page.keyboard.press('Control+k')
        await page.keyboard.type('settings')
        await page.keyboard.press('Enter')
      },
    ]) {
      await open()
      await heading(page).waitFor()
      await page.evaluate(() => (location.hash = '#/library'))
      await page.getByRole('heading', { name: 'Library' }).waitFor()
    }
  })

  it('changes the look at once, in every view, and keeps it', async () => {
    const page = await app().open('#/traces')
    const rowHeight = () =>
      page.evaluate(() => {
        const row = document.querySelector('main [role=row]:not(:first-child), main tbody tr')
        return Math.round(row!.getBoundingClientRect().height)
      })
    const visit = async (hash: string) => {
      await page.evaluate((to) => (location.hash = to), hash)
      await page.locator('main [role=row]:not(:first-child), main tbody tr').first().waitFor()
      return rowHeight()
    }
    const before = { traces: await visit('#/traces'), library: await visit('#/library') }
    await page.evaluate(() => (location.hash = '#/settings'))
    await pick(page, 'Density', 'Compact')
    await pick(page, 'Theme', 'Dark')
    await pick(page, 'Text of traces', '21')
    const look = () =>
      page.evaluate(() => {
        const { theme, density } = document.documentElement.dataset
        const style = getComputedStyle(document.documentElement)
        return [theme, density, style.getPropertyValue('--read-size')]
      })
    expect(await look()).toEqual(['dark', 'compact', '21px'])
    expect(await visit('#/traces')).toBeLessThan(before.traces)
    expect(await visit('#/library')).toBeLessThan(before.library)
    expect(await page.evaluate(() => Object.keys(localStorage))).toContain('cairn.look')
  })

  it('is in its theme, density and text size before anything else of it has run', async () => {
    const page = await app().open('#/library', {
      theme: 'dark',
      prepare: async (fresh) => {
        await fresh.addInitScript(() =>
          localStorage.setItem('cairn.look', '{"density":"compact","textSize":24}'),
        )
      },
    })
    // The app itself never comes: what is to be seen then is what the first paint has.
    await page.route(/assets\/index-.*\.js$/, (route) => route.abort())
    await page.reload()
    const seen = await page.evaluate(() => {
      const { dataset } = document.documentElement
      const { backgroundColor } = getComputedStyle(document.body)
      const style = getComputedStyle(document.documentElement)
      const size = style.getPropertyValue('--read-size')
      return { ...dataset, backgroundColor, size, empty: document.querySelector('main') === null }
    })
    expect(seen).toEqual({
      theme: 'dark',
      density: 'compact',
      backgroundColor: 'rgb(20, 21, 24)',
      size: '24px',
      empty: true,
    })
  })

  it('gives a behaviour another letter, everywhere', async () => {
    const page = await app().open('#/settings')
    await page.getByLabel('Change the key V of Verification').click()
    await page.getByText('Press keys…').waitFor()
    await page.keyboard.press('w')
    await page.getByLabel('Change the key W of Verification').waitFor()

    const { id } = (
      await handlers()['traces.list']({
        filter: {},
        sort: { by: 'length', descending: true },
        offset: 61,
        limit: 1,
      })
    )[0]!
    await page.evaluate((to) => (location.hash = `#/trace/${to}`), id)
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    await page.locator('[role=option][aria-selected=true]').waitFor()
    const hint = page.getByRole('button', { name: /^Verification/ }).locator('kbd')
    await expect.poll(() => hint.first().textContent()).toBe('W')
    await page.keyboard.press('v')
    await page.keyboard.press('w')
    const labels = () => handlers()['labels.list']({ traceId: id })
    await expect
      .poll(async () => (await labels()).map(({ behaviour }) => behaviour))
      .toEqual(['verification'])

    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
    await sheet.getByLabel('Find a shortcut').fill('verification')
    const row = sheet.locator('dl > div').filter({ has: page.getByText('Verification', { exact: true }) })
    expect(await row.locator('kbd').allTextContents()).toEqual(['W'])
    await page.keyboard.press('Escape')

    await page.reload()
    await page.evaluate(() => (location.hash = '#/settings'))
    await page.getByLabel('Change the key W of Verification').waitFor()
    await page.getByRole('button', { name: 'Reset all keys' }).click()
    await page.getByLabel('Change the key V of Verification').waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await page.getByLabel('Change the key W of Verification').waitFor()
  })

  it('takes keys typed in turn, shows what they clash with, and leaves them to one command', async () => {
    const page = await app().open('#/settings')
    const ofTraces = page.getByLabel('Add a key for Traces', { exact: true })
    await ofTraces.click()
    await page.keyboard.press('Escape')
    await ofTraces.waitFor()
    await ofTraces.click()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.getByText('also runs “Library”').waitFor()
    await page.getByRole('button', { name: 'Only here' }).click()
    await expect.poll(() => page.getByLabel(/^Change the key G L of/).count()).toBe(1)
    await page.locator('h1').click()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/^#\/traces/)
  })

  it('removes a key and resets a command', async () => {
    const page = await app().open('#/settings')
    await page.getByLabel('Change the key ? of Show shortcuts').focus()
    await page.keyboard.press('Delete')
    await expect.poll(() => page.getByLabel('Change the key ? of Show shortcuts').count()).toBe(0)
    await page.locator('h1').click()
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByRole('button', { name: 'Reset', exact: true }).click()
    await page.locator('h1').click()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
  })

  it('says where the model runs and why, and classifies so', async () => {
    const page = await app().open('#/settings')
    await pick(page, 'Runs on', 'CPU')
    await page.getByText('The CPU was asked for').waitFor()
    await page.getByLabel('Threads').selectOption('1')
    await expect.poll(stored).toMatchObject({ device: 'cpu', threads: 1 })
    const job = await handlers()['classify.start']({ filter: { ids: [1] }, model: 'cairn-fast', force: true })
    expect(job.input).toMatchObject({ device: 'cpu', threads: 1 })
    await handlers()['jobs.wait']({ id: job.id })
    await page.reload()
    await heading(page).waitFor()
    await expect.poll(() => page.getByLabel('Threads').inputValue()).toBe('1')
    await page.getByLabel('Threads').selectOption('')
    await expect.poll(async () => 'threads' in (await stored())).toBe(false)
    await pick(page, 'Runs on', 'Automatic')
    await expect.poll(stored).toMatchObject({ device: 'auto' })
  })

  it('keeps the name of the annotator in the workspace', async () => {
    const page = await app().open('#/settings')
    await page.getByLabel('Annotator').fill('ada')
    await page.keyboard.press('Tab')
    await expect.poll(stored).toMatchObject({ annotator: 'ada' })
    await page.getByLabel('Annotator').fill('')
    await page.keyboard.press('Tab')
    await expect.poll(stored).toMatchObject({ annotator: 'me' })
  })

  it('tells where the workspace lies, and checks it', async () => {
    const page = await app().open('#/settings')
    const { path } = await handlers()['workspace.info']({})
    await page.getByText(path, { exact: true }).waitFor()
    await page.getByText('cairn serve --workspace DIR').waitFor()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('No problem found').waitFor()
  })

  it('finds a setting by a word or by a key', async () => {
    const page = await app().open('#/settings')
    const titles = () => page.locator('main h3').allTextContents()
    await page.getByText('Check the database').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('threads')
    await expect.poll(titles).toEqual(['Threads'])
    await page.getByLabel('Find a setting').fill('ctrl k')
    await expect.poll(titles).toEqual(['Find a command'])
    await page.getByLabel('Find a setting').fill('no such thing')
    await page.getByText('No setting is called that').waitFor()
  })
}
