import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { App } from './app.ts'
import { findings } from './look.ts'

const ENCODER = join(import.meta.dirname, '../fixtures/models/tiny-encoder')

export function unreadableModelsTests(app: () => App): void {
  it('are told of, with whatever else there is, and with nothing else', async () => {
    const builtIn = join(app().folder, 'built-in')
    mkdirSync(join(builtIn, 'cairn-accurate'), { recursive: true })
    writeFileSync(join(builtIn, 'cairn-accurate/manifest.json'), '{')
    const own = join(app().folder, 'workspace/models')
    const aside = `${own}.aside`
    await app().away(() => {
      if (existsSync(own)) renameSync(own, aside)
      return Promise.resolve()
    }, builtIn)
    try {
      const only = { folder: ENCODER, id: 'only', title: 'Only one', map: {}, threshold: 0.5 }
      await app().engine().handlers['models.add'](only)
      const page = await app().open('#/models?model=gone')
      const problem = page.getByRole('alert').getByText('its manifest.json cannot be read')
      await problem.waitFor()
      await page.getByRole('heading', { name: 'Only one' }).waitFor()
      await page.getByText('There is no model “gone” in this workspace. What is shown is Only one.').waitFor()
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.locator('.toast', { hasText: 'Only one is removed.' }).waitFor()
      await expect.poll(() => page.locator('nav[aria-label=Models] li').count()).toBe(0)
      await problem.waitFor()
      expect(await page.getByText('its folder of models is empty').count()).toBe(0)
      expect(await findings(page)).toEqual([])
    } finally {
      await app().away(() => {
        rmSync(own, { recursive: true, force: true })
        if (existsSync(aside)) renameSync(aside, own)
        return Promise.resolve()
      })
    }
  })
}
