import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { cudaParts } from '#engine/inference/cuda-parts.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'

/** The CUDA provider, which an installation without a command line gets in the Models view. */
export function cudaTests(app: () => App): void {
  beforeAll(() => void vi.stubEnv('XDG_DATA_HOME', join(app().folder, 'data')))
  afterAll(() => void vi.unstubAllEnvs())

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'is added from a folder, and models are loaded anew',
    async () => {
      const { installed, files } = cudaParts()
      const from = join(app().folder, 'provider')
      mkdirSync(from)
      const page = await app().open('#/models?model=cairn-accurate')
      await page.getByText('The CUDA provider of onnxruntime is not installed.').waitFor()
      await page.getByRole('button', { name: 'Add the CUDA provider…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Add the CUDA provider' })
      await dialog.getByText('Cairn fetches nothing else').waitFor()
      await dialog.getByRole('radio', { name: 'From a folder' }).check()
      const add = dialog.getByRole('button', { name: 'Add', exact: true })
      expect(await add.isDisabled()).toBe(true)
      const folder = dialog.getByRole('textbox', { name: 'Folder' })
      await folder.fill(from)
      await folder.press('Enter')
      await dialog
        .getByRole('alert')
        .getByText(`does not hold ${files.join(' and ')}`)
        .waitFor()
      expect(await findings(page)).toEqual([])

      // Any library that loads: what CUDA itself says of it is not asked here.
      for (const file of files) copyFileSync(installed.binding, join(from, file))
      await add.click()
      await page.locator('.toast', { hasText: 'The CUDA provider is added.' }).waitFor()
      expect(await dialog.count()).toBe(0)
      await expect.poll(() => page.getByText('is not installed').count()).toBe(0)
      await page.getByText('onnxruntime 1.30.0').waitFor()
      await expect.poll(() => page.getByRole('button', { name: 'Add the CUDA provider…' }).count()).toBe(0)
    },
  )
}
