import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { installPaths } from '#engine/install-paths.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { App } from './app.ts'
import { judgeSteps } from './judged-steps.ts'
import { findings } from './look.ts'

/** Makes a model of the workspace's own: the fast one, under another name. Its folder. */
export function copyModel(
  folder: string,
  told: { id: string; title: string; [field: string]: unknown },
): string {
  const path = join(folder, 'workspace/models', told.id)
  mkdirSync(join(path, '..'), { recursive: true })
  cpSync(join(installPaths().modelsDir, 'cairn-fast'), path, { recursive: true })
  const file = join(path, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  writeFileSync(file, JSON.stringify({ ...manifest, version: '2', ...told }))
  return path
}

/** It sees verification everywhere. */
const BOLD = {
  id: 'bold',
  title: 'Bold',
  thresholds: Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, 0.05])),
}

const TINY = join(import.meta.dirname, '../fixtures/models/tiny-classifier')

const IDS = [1, 2, 3, 4, 5]

export function modelsTests(app: () => App): void {
  beforeAll(async () => {
    copyModel(app().folder, BOLD)
    const { handlers } = app().engine()
    const job = await handlers['classify.start']({
      filter: { ids: IDS },
      model: 'bold',
      device: 'cpu',
      force: false,
      beside: true,
    })
    await handlers['jobs.wait']({ id: job.id })
  })

  const within = async (hash: string, work: (page: Page) => Promise<void>) => {
    const page = await app().open(hash)
    try {
      await page.locator('nav[aria-label=Models] button').first().waitFor()
      await work(page)
    } finally {
      await page.context().close()
    }
  }

  it('tells what a model is, where it runs and how good it is', () =>
    within('#/models?model=cairn-fast', async (page) => {
      await page.getByText('Runs on').or(page.getByText('onnxruntime')).first().waitFor()
      const table = page.getByRole('table', { name: 'Figures stored with the model' })
      expect(await table.getByRole('row').count()).toBe(5)
      await page.keyboard.press('2')
      await page.getByRole('heading', { name: 'Thresholds' }).waitFor()
      await page.keyboard.press('[')
      expect(page.url()).toContain('model=cairn-accurate')
      await page.keyboard.press('g')
      await page.keyboard.press('l')
      await page.keyboard.press('g')
      await page.keyboard.press('m')
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    }))

  it('shows what a threshold would count, keeps it and takes it back', () =>
    within('#/models?model=cairn-fast&tab=thresholds', async (page) => {
      const { handlers } = app().engine()
      const counted = async () => {
        const rows = await handlers['traces.list']({
          filter: {},
          sort: { by: 'id', descending: false },
          offset: 0,
          limit: 5000,
        })
        return rows.reduce((sum, { steps }) => sum + (steps?.verification ?? 0), 0)
      }
      const before = await counted()
      const slider = page.getByRole('slider', { name: 'Verification' })
      await page.getByText(before.toLocaleString('en'), { exact: true }).waitFor()
      await slider.focus()
      await page.keyboard.press('End')
      const told = (await slider.getAttribute('aria-valuetext'))!
      const expected = Number(/([\d,]+) steps/.exec(told)![1]!.replaceAll(',', ''))
      expect(expected).toBeLessThan(before)
      await page.getByRole('button', { name: 'Keep', exact: true }).click()
      await expect.poll(counted).toBe(expected)
      await page.getByRole('button', { name: 'The model’s own' }).click()
      await expect.poll(counted).toBe(before)
    }))

  it('shows where two models differ, and labels the truth with one key', () =>
    within('#/models?model=cairn-fast&tab=compare&with=bold', async (page) => {
      const { handlers } = app().engine()
      const list = page.locator('li:has(.verdict)')
      await list.first().waitFor()
      const words = await list.first().locator('a').innerText()
      const traceId = Number(/trace (\d+)$/.exec(words)![1])
      const before = (await handlers['labels.list']({ traceId })).length
      await page.keyboard.press('n')
      await expect.poll(async () => (await handlers['labels.list']({ traceId })).length).toBe(before + 1)
      const label = (await handlers['labels.list']({ traceId })).toSorted((a, b) => a.id - b.id).at(-1)!
      expect(label.verdict).toBe('absent')
      expect(await list.nth(1).getAttribute('aria-current')).toBe('true')
      // Said otherwise, it is the same label.
      await page.keyboard.press('k')
      await page.keyboard.press('y')
      const verdictNow = async () =>
        (await handlers['labels.list']({ traceId })).find(({ id }) => id === label.id)?.verdict
      await expect.poll(verdictNow).toBe('present')
      expect(await handlers['labels.list']({ traceId })).toHaveLength(before + 1)
      await handlers['labels.remove']({ id: label.id })
    }))

  it('stays on the difference that is read when a job ends', () =>
    within('#/models?model=cairn-fast&tab=compare&with=bold', async (page) => {
      const { handlers } = app().engine()
      const list = page.locator('li:has(.verdict)')
      await list.nth(2).waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      const current = page.locator('li[aria-current=true]')
      const read = await current.innerText()
      const job = await handlers['classify.start']({
        ...{ filter: { ids: [IDS.length + 1] }, model: 'bold', device: 'cpu' },
        ...{ force: false, beside: true },
      })
      await handlers['jobs.wait']({ id: job.id })
      // The figures are read anew, the list is not.
      await page.getByText(`Over ${IDS.length + 1} traces`).waitFor()
      await page.waitForTimeout(400)
      expect(await current.innerText()).toBe(read)
      expect(await list.nth(2).getAttribute('aria-current')).toBe('true')
      await page.getByRole('button', { name: `Show those of all ${IDS.length + 1} traces` }).click()
      await expect.poll(() => list.first().getAttribute('aria-current')).toBe('true')
    }))

  it('measures on a file and gives errors to read', () =>
    within('#/models?model=cairn-fast&tab=measure', async (page) => {
      const file = join(app().folder, 'labels.jsonl')
      const text = 'I add them. Let me check: 2 + 2 = 4. Good.'
      const annotations = [{ step: 0, start: 0, end: 11, behaviours: ['backward_chaining'] }]
      writeFileSync(
        file,
        JSON.stringify({
          text,
          steps: [
            [0, 11],
            [12, 36],
            [37, 42],
          ],
          annotations,
        }),
      )
      await page.getByRole('radio', { name: 'A file' }).check()
      await page.getByLabel('Label file').fill(file)
      await page.keyboard.press('Enter')
      await page.getByRole('table', { name: 'Measured figures' }).waitFor()
      await page.getByText('labelled, said 0.0').waitFor()
      expect(await page.locator('strong', { hasText: 'I add them.' }).count()).toBe(1)
      expect(await page.getByRole('img', { name: /^Verification:/ }).count()).toBe(1)
    }))

  it('learns from labels, and goes back to the built-in model', () =>
    within('#/models?model=cairn-fast', async (page) => {
      const { handlers } = app().engine()
      const removeLabels = await judgeSteps(app())
      await page.reload()
      await page.getByRole('button', { name: 'Learn', exact: true }).click()
      await page.waitForURL(/model=cairn-fast-mine/, { timeout: 30_000 })
      const table = page.getByRole('table', { name: 'What was learnt, by behaviour' })
      await table.getByRole('cell', { name: 'yes' }).first().waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Back to the original' }).click()
      await page.waitForURL(/model=cairn-fast$/)
      expect((await handlers['models.list']({})).map(({ id }) => id)).not.toContain('cairn-fast-mine')
      await removeLabels()
    }))

  it('learns while one does something else, and says where to look', () =>
    within('#/models?model=cairn-fast', async (page) => {
      const removeLabels = await judgeSteps(app())
      await page.reload()
      const learn = page.getByRole('button', { name: 'Learn', exact: true, disabled: false })
      await learn.evaluate((button: HTMLElement) => {
        button.click()
        location.hash = '#/traces'
      })
      const told = page.locator('.toast', { hasText: 'Learnt: “' })
      await told.waitFor()
      expect(new URL(page.url()).hash).toMatch(/^#\/traces/)
      await told.getByRole('button', { name: 'Show' }).click()
      await page.waitForURL(/model=cairn-fast-mine/)
      await page.getByRole('button', { name: 'Back to the original' }).click()
      await page.waitForURL(/model=cairn-fast$/)
      await removeLabels()
    }))

  it('takes in a text classifier with a form', () =>
    within('#/models', async (page) => {
      await page.getByRole('button', { name: 'Add a model…' }).click()
      await page.getByLabel('Folder of the model').fill('/nowhere')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await page.getByLabel('Folder of the model').fill(TINY)
      await page.keyboard.press('Enter')
      await page.getByLabel('Verification').selectOption('checks')
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.waitForURL(/model=tiny-classifier/)
      await page.getByRole('button', { name: 'Remove' }).click()
      const { handlers } = app().engine()
      await expect
        .poll(async () => (await handlers['models.list']({})).map(({ id }) => id))
        .not.toContain('tiny-classifier')
    }))

  it.skipIf(process.platform === 'win32')(
    'takes a model in while one does something else, and says where to look',
    () =>
      within('#/models', async (page) => {
        const slow = join(app().folder, 'slow')
        cpSync(TINY, slow, { recursive: true, filter: (path) => !path.endsWith('tokenizer.json') })
        // Read until somebody has written into it.
        execFileSync('mkfifo', [join(slow, 'tokenizer.json')])
        await page.getByRole('button', { name: 'Add a model…' }).click()
        const dialog = page.getByRole('dialog', { name: 'Add a model' })
        await dialog.getByLabel('Folder of the model').fill(slow)
        await page.keyboard.press('Enter')
        await dialog.getByLabel('Verification').selectOption('checks')
        await dialog.getByRole('button', { name: 'Cancel' }).waitFor()
        await dialog.getByRole('button', { name: 'Add', exact: true }).click()
        await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
        await page.evaluate(() => (location.hash = '#/traces'))
        await page.getByRole('grid', { name: 'Traces' }).waitFor()
        await writeFile(join(slow, 'tokenizer.json'), readFileSync(join(TINY, 'tokenizer.json')))
        const told = page.locator('.toast', { hasText: 'Added “slow”.' })
        await told.waitFor()
        expect(new URL(page.url()).hash).toMatch(/^#\/traces/)
        await told.getByRole('button', { name: 'Show' }).click()
        await page.waitForURL(/#\/models\?model=slow$/)
        await page.getByRole('button', { name: 'Remove' }).click()
        const { handlers } = app().engine()
        await expect
          .poll(async () => (await handlers['models.list']({})).map(({ id }) => id))
          .not.toContain('slow')
      }),
  )

  it('can be used by everyone, in both themes', async () => {
    for (const theme of ['light', 'dark'] as const)
      for (const tab of ['about', 'thresholds', 'measure', 'compare', 'judge']) {
        const page = await app().open(`#/models?model=cairn-fast&tab=${tab}&with=bold`, { theme })
        await page.locator('.panel section').first().waitFor()
        await page.waitForTimeout(400)
        expect(await findings(page)).toEqual([])
        await page.context().close()
      }
  })
}
