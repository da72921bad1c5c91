import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import type { JobKind } from '#shared/contract/jobs.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'
import { createWire } from './wire.ts'

/** Messages that say that a job of a kind is done. */
export const doneOf = (kind: JobKind) => new RegExp(`"kind":"${kind}","state":"done"`)

/** Ends the engine and starts it again; the last job of a kind is then one that its end has interrupted. */
export const interrupt = (app: App, kind: JobKind): Promise<void> =>
  app.away(() => {
    const db = new Database(join(app.folder, 'workspace/cairn.db'))
    db.prepare(
      `UPDATE jobs SET state = 'interrupted', result = 'null' WHERE id = (SELECT max(id) FROM jobs WHERE kind = ?)`,
    ).run(kind)
    db.close()
    return Promise.resolve()
  })

export function interruptedTests(app: () => App): void {
  it('is told of in the dialog that began it, and goes on from there', async () => {
    const wire = createWire()
    const page = await app().open('#/traces', wire)
    await page.getByRole('grid', { name: 'Traces' }).waitFor()
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: /^Export/ })
    const file = join(app().folder, 'interrupted.jsonl')
    await dialog.getByLabel('File', { exact: true }).fill(file)
    wire.hold(doneOf('export'))
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await expect.poll(() => existsSync(file)).toBe(true)
    await dialog.getByRole('button', { name: 'Stop' }).waitFor()
    rmSync(file)
    rmSync(`${file}.manifest.json`)
    await interrupt(app(), 'export')
    wire.hold(null)

    await dialog.getByText('Interrupted: Cairn ended before this was done. Nothing was written.').waitFor()
    expect(await dialog.getByLabel('File', { exact: true }).isDisabled()).toBe(true)
    expect(await dialog.getByRole('radio', { name: 'Parquet' }).isDisabled()).toBe(true)
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Resume' }).click()
    await dialog.getByText('written, with a manifest beside the file').waitFor()
    expect(existsSync(file)).toBe(true)
  })

  it('stays dismissed', async () => {
    const check = async (id: number) => {
      const { handlers } = app().engine()
      const job = await handlers['verdicts.start']({ filter: { ids: [id] }, force: true })
      await handlers['jobs.wait']({ id: job.id })
    }
    await check(1)
    const page = await app().open('#/library')
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    await interrupt(app(), 'verify')
    const item = page.getByRole('listitem').filter({ hasText: 'Checking of answers interrupted' })
    await item.getByRole('button', { name: 'Dismiss' }).click()
    await expect.poll(() => item.count()).toBe(0)
    await check(2)
    // The page reads its jobs anew a second and a half later at most.
    await page.waitForTimeout(3_000)
    expect(await item.count()).toBe(0)
  })
}
