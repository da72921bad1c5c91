import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { openBrowser } from '../ui/browser.ts'
import { openChromiumPage, type Seen } from './chromium-page.ts'
import type * as StandIn from './stand-in.ts'

/**
 * The desktop as a person has it, in one chain: the built main process against the stand-in, the built
 * preload and the built user interface in a real Chromium, the engine in a real child process. Does
 * what a person would do and prints what came of it as JSON. Arguments: folder of the built files,
 * folder of the workspace, a file of rollouts, folder of a second workspace.
 */
const [, , out, workspace, rollouts, another] = process.argv as [
  string,
  string,
  string,
  string,
  string,
  string,
]

const standInUrl = pathToFileURL(join(import.meta.dirname, 'stand-in.ts')).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standInUrl, shortCircuit: true } : next(specifier, context),
})
const standIn = (await import(standInUrl)) as typeof StandIn
const { record, answers, app, pages } = standIn

const browser = await openBrowser()
const seen: Seen = { strangers: [], errors: [], headers: {} }
const shown: { page?: Page } = {}
pages.open = async (window, url) => {
  shown.page = await openChromiumPage(browser, standIn, window, url, seen)
}

const PATIENCE_MS = 45_000
process.on('uncaughtException', (error) => {
  console.error(error, seen)
  for (const { pid, code } of record.children)
    if (pid !== undefined && code === null) process.kill(pid, 'SIGKILL')
  void browser.close().finally(() => process.exit(1))
})
const until = async (what: string, met: () => boolean): Promise<void> => {
  for (let waited = 0; !met(); waited += 20) {
    if (waited > PATIENCE_MS) throw new Error(`Waited in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}
const menu = (parent: string, label: string) =>
  record.menu.find((item) => item.label === parent)!.submenu!.find((item) => item.label === label)!.click!()
/** What lies in the workspace's file, read beside the engine. */
const stored = (): string[] => {
  const db = new Database(join(workspace, 'cairn.db'), { readonly: true })
  try {
    return db.prepare<[], string>('SELECT behaviour FROM annotations ORDER BY id').pluck().all()
  } finally {
    db.close()
  }
}

process.argv = [process.execPath, out, `--workspace=${workspace}`]
await import(pathToFileURL(join(resolve(out), 'main/index.js')).href)
await until('the window', () => record.windows[0]?.shown === true)
const window = record.windows[0]!
const page = shown.page!
page.setDefaultTimeout(PATIENCE_MS)

await page.getByRole('heading', { name: 'Start with the rollouts you have' }).waitFor()
menu('File', 'Settings')
await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
const settings = await page.getByText(workspace, { exact: true }).count()

answers.open.push([rollouts])
menu('File', 'Import…')
await page.getByRole('button', { name: 'Files…', exact: true }).click()
await page.getByRole('dialog').getByText(rollouts, { exact: true }).waitFor()
await page.getByRole('button', { name: 'Import', exact: true }).click()
await page.getByText(/^Import of .* done$/).waitFor()
await page.getByRole('button', { name: 'Classify…' }).first().click()
await page.getByRole('button', { name: /^Classify \d/ }).click()
await page.getByText('Classification done').waitFor()

await page.evaluate(() => (location.hash = '#/trace/1'))
await page.getByRole('listbox', { name: 'Response' }).waitFor()
await page.keyboard.press('v')
await until('the label in the workspace', () => stored().length === 1)
const labelled = stored()

process.kill(record.children[0]!.pid!, 'SIGKILL')
await until('the end of the engine', () => record.children[0]!.code !== null)
await page.keyboard.press('b')
await until('the label of the new engine', () => stored().length === 2)
const afterKill = stored()
await page.reload()
await page.getByRole('listbox', { name: 'Response' }).waitFor()
const pressed = page.locator('aside button[aria-pressed=true], section button[aria-pressed=true]')
await pressed.nth(1).waitFor()
const kept = await pressed.count()

standIn.secondLaunch({ workspace })
const windows = record.windows.length
const focused = window.focused

await page.evaluate(() => (location.hash = '#/library'))
answers.open.push([another])
await page.getByRole('button', { name: 'workspace', exact: true }).click()
await page.getByRole('button', { name: 'Open or create a workspace…' }).click()
await until('the second window', () => record.windows[1]?.shown === true)
await shown.page!.getByRole('heading', { name: 'Start with the rollouts you have' }).waitFor()
await shown.page!.getByRole('button', { name: 'another', exact: true }).click()
await shown
  .page!.getByRole('button', { name: /^workspace/ })
  .last()
  .click()
await until('the first window to come forward', () => window.focused === focused + 1)
const windowsAfter = record.windows.length
record.windows[1]!.close()

const errors = [...seen.errors]
const inlineRan = await page.evaluate(() => {
  const script = document.createElement('script')
  script.textContent = 'window.inlineRan = true'
  document.head.append(script)
  return 'inlineRan' in window
})

window.close()
app.quit()
await until('the engines to end', () => record.children.every(({ code }) => code !== null))
await browser.close()

console.log(
  JSON.stringify({
    policy: seen.headers['content-security-policy'],
    strangers: seen.strangers,
    errors,
    inlineRan,
    settings,
    dialogs: record.dialogs,
    labelled,
    afterKill,
    kept,
    codes: record.children.map(({ code }) => code),
    windows,
    focused,
    windowsAfter,
  }),
)
process.exit(0)
