import type { Page } from 'playwright-core'
import type { ApiOutput } from '#shared/contract/index.ts'
import type { App } from './app.ts'

/** The step that the cursor is on. */
export const currentStep = (page: Page) => page.locator('[role=option][aria-selected=true]')
/** Moves the focus with Tab alone until it is on something with this text or label. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed++) {
    const focused = await page.evaluate(() => {
      const one = document.activeElement
      return (
        one?.getAttribute('aria-label') ??
        (one as HTMLInputElement | null)?.labels?.[0]?.textContent ??
        one?.textContent?.trim() ??
        ''
      )
    })
    if (name.test(focused)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to ${name}`)
}
/** Presses keys one after another. */
export const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

export type Detail = ApiOutput<'traces.get'>

/** What tests of labelling do again and again. */
export function labellingHelp(app: () => App) {
  const handlers = () => app().engine().handlers
  /** A trace long enough to scroll, a different one for each test. */
  const longTrace = async (place: number) => {
    const sort = { by: 'length', descending: true } as const
    const [row] = await handlers()['traces.list']({ filter: {}, sort, offset: 40 + place, limit: 1 })
    return handlers()['traces.get']({ id: row!.id })
  }
  const openTrace = async ({ row }: Detail, options: Parameters<App['open']>[1] = {}) => {
    const page = await app().open(`#/trace/${row.id}`, options)
    await currentStep(page).waitFor()
    return page
  }
  const labelsOf = async ({ row }: Detail) => handlers()['labels.list']({ traceId: row.id })
  const spanOf = ({ bounds }: Detail, first: number, last = first) => ({
    start: bounds![first * 2]!,
    end: bounds![last * 2 + 1]!,
  })
  /** Thresholds so low that everything is predicted everywhere. */
  const allPredicted = async (page: Page) => {
    await page.addInitScript(() => localStorage.setItem('cairn.thresholds', '[0,0,0,0]'))
  }
  return { handlers, longTrace, openTrace, labelsOf, spanOf, allPredicted }
}
