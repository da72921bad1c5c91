import type { Page } from 'playwright-core'
import { framesDuring, goPainted, paintedBy } from './in-page.ts'
import type { Measured } from './report.ts'

/** Wheel turns of a measured scroll, one a frame at 60 frames a second. */
const TURNS = 90
const TURN_PX = 120

export interface Trace {
  readonly id: number
  readonly name: string
  readonly response: string
}

/** A trace from the click on it to its first text, against the same text put into a bare `<pre>`. */
export async function openTrace(
  page: Page,
  { id, name, response }: Trace,
  goal: number | null,
  times: number,
): Promise<Measured> {
  const opened: number[] = []
  const shown: number[] = []
  for (let time = 0; time < times; time++) {
    await goPainted(page, '#/traces', { rows: true })
    opened.push(await goPainted(page, `#/trace/${id}`, { text: true }))
  }
  const bare = await barePage(page, response)
  for (let time = 0; time < times; time++) shown.push(await bare.evaluate(showText))
  await bare.close()
  return { item: `open ${name}`, times: opened, goal, baseline: { name: 'bare <pre>', times: shown } }
}

/** Times between frames while a trace is scrolled by the wheel, against the same text in a bare `<pre>`. */
export async function scrollTrace(page: Page, { id, name, response }: Trace): Promise<Measured> {
  await goPainted(page, '#/traces', { rows: true })
  await goPainted(page, `#/trace/${id}`, { text: true })
  const times = await scroll(page)
  const bare = await barePage(page, response)
  await bare.evaluate(showText)
  const baseline = { name: 'bare <pre>', times: await scroll(bare) }
  await bare.close()
  return { item: `scroll ${name}, frames`, times, goal: 50, baseline }
}

/** From a label's key to the label on the screen, walking down the steps. */
export async function labelSteps(page: Page, id: number, times: number): Promise<Measured> {
  await goPainted(page, '#/traces', { rows: true })
  await goPainted(page, `#/trace/${id}`, { text: true })
  await page.locator('[role=option][aria-selected=true]').waitFor()
  await page.waitForTimeout(500)
  const step = () =>
    page.evaluate(() => document.querySelector('[role=option][aria-selected=true]')!.innerHTML)
  const labelled: number[] = []
  const moved: number[] = []
  for (let time = 0; time < times; time++) {
    for (const [key, all] of [
      ['j', moved],
      ['vbsc'[time % 4]!, labelled],
    ] as const) {
      const before = await step()
      all.push(await paintedBy(page, { step: before }, () => page.keyboard.press(key)))
      await page.waitForTimeout(120)
    }
  }
  return {
    item: 'key to painted label, 5,000 labels',
    times: labelled,
    goal: 50,
    baseline: { name: 'moving the cursor', times: moved },
  }
}

/** Times between frames, in milliseconds, while the wheel turns over the middle of the page. */
export async function scroll(page: Page): Promise<number[]> {
  const { width, height } = page.viewportSize()!
  await page.mouse.move(width / 3, height / 2)
  return framesDuring(page, async () => {
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, TURN_PX)
      await page.waitForTimeout(16)
    }
  })
}

/** A page with nothing but a text that is ready to be shown. A page behind it gets no frames until it is closed. */
async function barePage(page: Page, text: string): Promise<Page> {
  const bare = await page.context().newPage()
  await bare.setContent(
    '<style>body { margin: 0 } pre { height: 100vh; margin: 0; overflow: auto; white-space: pre-wrap }</style>',
  )
  await bare.evaluate((content) => {
    window.bench.text = content
  }, text)
  return bare
}

/** Runs in the page: shows the text anew and waits until it is painted. Milliseconds. */
function showText(): Promise<number> {
  document.querySelector('pre')?.remove()
  window.bench.at = performance.now()
  const pre = document.createElement('pre')
  pre.textContent = window.bench.text
  document.body.append(pre)
  return window.bench.painted({ bare: true })
}
