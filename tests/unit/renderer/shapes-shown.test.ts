import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type * as Shown from './shapes-shown.svelte.ts'

let folder: string
let shown: typeof Shown

// Built as for a browser: other tests have runes compiled as for a server, where no effect runs.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-shapes-'))
  const entry = join(import.meta.dirname, 'shapes-shown.svelte.ts')
  await build({
    configFile: false,
    plugins: [svelte()],
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      lib: { entry, formats: ['es'], fileName: () => 'shown.mjs' },
    },
  })
  shown = (await import(join(folder, 'shown.mjs'))) as typeof Shown
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it.each(['measured=yes', 'run=a'])('an effect that shows the shapes of %s runs once', async (query) => {
  expect(await shown.runsOf(query)).toBe(1)
})
