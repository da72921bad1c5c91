import type { Page } from 'playwright-core'
import { goPainted, painted, paintedBy } from './in-page.ts'
import type { Measured } from './report.ts'
import { scroll } from './trace-items.ts'

const GOAL = 300
const SEARCH_GOAL = 200

const table = (page: Page) => page.getByRole('grid', { name: 'Traces' })

/** To far rows by the keyboard and by the scroll bar. */
export async function jump(page: Page, rows: number, times: number): Promise<Measured> {
  await goPainted(page, '#/traces', { rows: true })
  const jumped: number[] = []
  const stayed: number[] = []
  await table(page).focus()
  for (let time = 0; time < times; time++) {
    if (time % 2 === 0) {
      await page.keyboard.press(time % 4 === 0 ? 'End' : 'Home')
      jumped.push(await painted(page, { row: time % 4 === 0 ? rows : 1 }))
    } else
      jumped.push(
        await table(page).evaluate(
          (element, share) => {
            window.bench.at = performance.now()
            element.scrollTop = share * (element.scrollHeight - element.clientHeight)
            return new Promise(requestAnimationFrame).then(() => window.bench.painted({ rows: true }))
          },
          (time * 0.37) % 1,
        ),
      )
    await page.waitForTimeout(250)
    await page.keyboard.press('j')
    stayed.push(await painted(page, { rows: true }))
  }
  return {
    item: 'table: jump to any row',
    times: jumped,
    goal: GOAL,
    baseline: { name: 'next row', times: stayed },
  }
}

const FILTERS = [
  ...['correct=yes', 'correct=no', 'length=1000..', 'length=..300', 'run=grpo-seed-1', 'labelled=yes'],
  ...['backtracking=steps%3A1..', 'verification=steps%3A2..', 'truncated=yes', 'reward=0.5..'],
  ...['checkpoint=100..300', 'correct=yes&backtracking=steps%3A1..', 'run=base&length=500..&correct=no'],
]

/** From another filter in the address to its rows; each time one that has not been seen for a while. */
export async function filter(page: Page, times: number): Promise<Measured> {
  await goPainted(page, '#/traces', { rows: true })
  const filtered: number[] = []
  const back: number[] = []
  for (let time = 0; time < times; time++) {
    filtered.push(await goPainted(page, `#/traces?${FILTERS[time % FILTERS.length]!}`, { rows: true }))
    back.push(await goPainted(page, '#/traces', { rows: true }))
  }
  return {
    item: 'table: filter',
    times: filtered,
    goal: GOAL,
    baseline: { name: 'taking it away', times: back },
  }
}

const SORTS = ['Length', 'Reward', 'Run', 'Answer', 'Backtracking', 'Verification', 'Step']

/** From a click on a column's header to the sorted rows. */
export async function sort(page: Page, times: number): Promise<Measured> {
  await goPainted(page, '#/traces', { rows: true })
  const sorted: number[] = []
  const turned: number[] = []
  for (let time = 0; time < times; time++) {
    const name = SORTS[time % SORTS.length]!
    const header = page
      .getByRole('columnheader')
      .getByRole('button', { name: new RegExp(`^${name}(, steps)?$`) })
    for (const all of [sorted, turned]) {
      await header.click()
      all.push(await painted(page, { rows: true }))
    }
  }
  return {
    item: 'table: sort by another column',
    times: sorted,
    goal: GOAL,
    baseline: { name: 'turning the order', times: turned },
  }
}

export const scrollTable = async (page: Page): Promise<Measured> => {
  await goPainted(page, '#/traces', { rows: true })
  return { item: 'table: scroll, frames', times: await scroll(page), goal: 50, baseline: null }
}

/** Common and rare words, several words, phrases and beginnings of words. */
const QUERIES = [
  ...[
    'the',
    'wait',
    'answer',
    'hypotenuse',
    'check',
    'equation',
    'let me check',
    'wait maybe',
    '"try again"',
  ],
  ...['"let me"', '"so the answer"', 'verif*', 'multipl*', 'so*', 'backtrack', '79', 'wait OR alternatively'],
  ...['answer NOT wait', 'polynomial', 'triangle angle', 'xylophonist', 'remainder', '"does not work"'],
]

/** From Enter in the search field to the rows with their hits marked, and from the last key typed. */
export async function search(page: Page, times: number): Promise<Measured[]> {
  const entered: number[] = []
  const typed: number[] = []
  const listed: number[] = []
  await goPainted(page, '#/traces', { rows: true })
  for (let time = 0; time < Math.max(times, QUERIES.length); time++) {
    const query = QUERIES[time % QUERIES.length]!
    for (const way of ['enter', 'type'] as const) {
      listed.push(await goPainted(page, '#/traces', { rows: true }))
      await page.keyboard.press('/')
      await page.keyboard.insertText(query.slice(0, -1))
      const all = way === 'enter' ? entered : typed
      all.push(
        await paintedBy(page, { hits: true }, async () => {
          await page.keyboard.press(query.at(-1)!)
          if (way === 'enter') await page.keyboard.press('Enter')
        }),
      )
    }
  }
  const baseline = { name: 'the table unfiltered', times: listed }
  return [
    { item: 'search: Enter to hits', times: entered, goal: SEARCH_GOAL, baseline },
    { item: 'search: last key to hits, seen before', times: typed, goal: SEARCH_GOAL, baseline },
  ]
}
