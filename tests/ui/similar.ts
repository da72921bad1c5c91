import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { localClient } from '#engine/create-engine.ts'
import type { Api } from '#shared/contract/index.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { Events } from '#shared/contract/events.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'

const MODELS = resolve(import.meta.dirname, '../fixtures/models')
const IDS = Array.from({ length: 12 }, (_, index) => index + 1)

/** Steps like one another and surprising words, with models of another maker. */
export function similarTests(app: () => App): void {
  let client: Client<Api, Events>
  beforeAll(async () => {
    client = localClient(app().engine())
    for (const id of ['tiny-encoder', 'tiny-lm'])
      await client.call('models.add', { folder: `${MODELS}/${id}`, id })
    const jobs = [
      await client.call('similar.start', { model: 'tiny-encoder', filter: { ids: IDS } }),
      await client.call('surprisal.start', { model: 'tiny-lm', filter: { ids: IDS } }),
      await client.call('classify.start', { model: 'cairn-fast', filter: { ids: IDS } }),
    ]
    for (const { id } of jobs) expect((await client.call('jobs.wait', { id })).state).toBe('done')
  })

  const within = async (hash: string, theme: 'light' | 'dark', work: (page: Page) => Promise<void>) => {
    const page = await app().open(hash, { theme })
    try {
      await work(page)
    } finally {
      await page.context().close()
    }
  }

  it('finds steps like the one the cursor is on, and opens one by the keyboard', () =>
    within('#/trace/1', 'light', async (page) => {
      await page.getByRole('heading', { name: 'Step 1 of' }).waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('f')
      const dialog = page.getByRole('dialog', { name: 'Steps like this one' })
      const found = dialog.getByRole('list').getByRole('button')
      await found.first().waitFor()
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('ArrowDown')
      const second = found.nth(1)
      await expect.poll(() => second.evaluate((one) => one === document.activeElement)).toBe(true)
      const told = /trace (\d+) · its step (\d+)/.exec((await second.textContent()) ?? '')!
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.hash.startsWith(`#/trace/${told[1]}`))
      await page.getByRole('heading', { name: `Step ${told[2]} of` }).waitFor()
      expect(await dialog.count()).toBe(0)
    }))

  it('shows all steps in groups of like ones, and opens one by the keyboard', () =>
    within('#/traces', 'dark', async (page) => {
      await page.getByRole('gridcell').first().waitFor()
      await page.getByRole('grid', { name: 'Traces' }).focus()
      await page.keyboard.press('F')
      const dialog = page.getByRole('dialog', { name: 'Groups of similar steps' })
      const groups = dialog.getByRole('listbox', { name: 'Groups, the largest first' })
      await groups.waitFor()
      await expect.poll(() => groups.evaluate((one) => one === document.activeElement)).toBe(true)
      const sizes = (await groups.getByRole('option').allInnerTexts()).map(parseFloat)
      expect(sizes.length).toBeGreaterThan(2)
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const example = dialog.getByRole('region', { name: 'Steps of the group' }).getByRole('button').first()
      await expect.poll(() => example.evaluate((one) => one === document.activeElement)).toBe(true)
      const told = /trace (\d+) · its step (\d+)/.exec((await example.textContent()) ?? '')!
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.hash.startsWith(`#/trace/${told[1]}`))
      await page.getByRole('heading', { name: `Step ${told[2]} of` }).waitFor()
      // Who comes back finds the group that was looked at.
      await page.keyboard.press('F')
      await expect.poll(() => groups.getByRole('option').nth(1).getAttribute('aria-selected')).toBe('true')
    }))

  it('marks surprising words, in the text, in the strip and per step', () =>
    within('#/trace/2', 'dark', async (page) => {
      await page.getByText(/^Surprisal \d+\.\d bits$/).waitFor()
      const marked = () =>
        page.evaluate(() =>
          [1, 2, 3, 4].reduce((sum, level) => sum + (CSS.highlights.get(`heat-${level}`)?.size ?? 0), 0),
        )
      expect(await marked()).toBe(0)
      await page.keyboard.press('h')
      await expect.poll(marked).toBeGreaterThan(5)
      expect(await page.locator('.names').getByText('Surprisal').count()).toBe(1)
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('h')
      await expect.poll(marked).toBe(0)
    }))

  it('shows what a model of another kind is for, and looks at a folder before it takes it in', () =>
    within('#/models?model=tiny-lm', 'light', async (page) => {
      await page.getByText('It has looked at 12 traces.').waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Add a model…' }).click()
      await page.getByLabel('Folder of the model').fill(`${MODELS}/tiny-encoder`)
      await page.getByRole('button', { name: 'Look at it' }).click()
      await page.getByText('Makes a vector of 24 numbers').waitFor()
      await page.getByLabel('Name in this workspace').fill('another')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('button', { name: /^Make vectors of/ }).waitFor()
      await client.call('models.remove', { model: 'another' })
    }))
}
