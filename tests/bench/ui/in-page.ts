import type { BrowserContext, Page } from 'playwright-core'

/** What the page can be asked to wait for. */
export type Wanted =
  | { readonly text: true }
  | { readonly rows: true }
  | { readonly hits: true }
  | { readonly row: number }
  | { readonly step: string }
  | { readonly bare: true }

declare global {
  interface Window {
    bench: {
      /** Time of the last key, click or scroll that a person could have made, as `performance.now()`. */
      at: number
      /** Of a bare page, to be shown. */
      text: string
      /** Milliseconds from `at` until what is wanted has been painted. */
      painted(wanted: Wanted): Promise<number>
      /** Starts to record the times between frames; the returned function ends it and gives them. */
      frames(): () => number[]
      stopFrames?: () => number[]
      awaited?: Promise<number>
    }
  }
}

/** Puts the stop-watch into every page that is opened from here on. */
export async function installStopwatch(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const visible = (element: Element) => {
      const { bottom, top } = element.getBoundingClientRect()
      return bottom > 0 && top < innerHeight
    }
    const grid = () => document.querySelector('[role=grid][aria-label=Traces]')
    const rowsShown = () => {
      const table = grid()
      if (table === null || table.getAttribute('aria-busy') === 'true') return false
      const rows = [...table.querySelectorAll('[role=row][aria-selected]')].filter(visible)
      return rows.length > 0 && rows.every((row) => row.querySelectorAll('[role=gridcell]').length > 2)
    }
    const is = (wanted: Wanted): boolean => {
      if ('bare' in wanted) return document.querySelector('pre') !== null
      if ('text' in wanted) return (document.querySelector('[data-from]')?.textContent?.length ?? 0) > 0
      if ('row' in wanted) {
        const row = grid()?.querySelector(`[aria-rowindex="${wanted.row + 1}"]`)
        return row != null && visible(row) && rowsShown()
      }
      if ('step' in wanted)
        return document.querySelector('[role=option][aria-selected=true]')?.innerHTML !== wanted.step
      const none = document.body.textContent?.includes('No trace fits') === true
      if ('hits' in wanted) return none || (rowsShown() && grid()!.querySelector('mark') !== null)
      return none || rowsShown()
    }
    const mark = (event: Event) => {
      if (event.isTrusted) window.bench.at = event.timeStamp
    }
    for (const kind of ['keydown', 'pointerdown', 'wheel']) addEventListener(kind, mark, true)
    window.bench = {
      at: 0,
      text: '',
      painted: (wanted) =>
        new Promise((done, fail) => {
          const late = performance.now() + 60_000
          const look = () => {
            if (performance.now() > late) return fail(new Error(`Never painted: ${JSON.stringify(wanted)}`))
            if (!is(wanted)) return void requestAnimationFrame(look)
            // A message that is sent in a frame arrives after that frame has been painted.
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => {
              port1.close()
              done(performance.now() - window.bench.at)
            }
            port2.postMessage(null)
          }
          requestAnimationFrame(look)
        }),
      frames() {
        const times: number[] = []
        let last = performance.now()
        let open = true
        const frame = (now: number) => {
          if (!open) return
          times.push(now - last)
          last = now
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
        return () => {
          open = false
          return times.slice(1)
        }
      },
    }
  })
}

/** Goes to a place within the app as a link does, and waits until it is painted. Milliseconds. */
export function goPainted(page: Page, hash: string, wanted: Wanted): Promise<number> {
  return page.evaluate(
    ([to, what]) => {
      window.bench.at = performance.now()
      location.hash = to
      // The app hears of the new address in the next task.
      return new Promise((go) => setTimeout(go)).then(() => window.bench.painted(what))
    },
    [hash, wanted] as const,
  )
}

/** Waits until what the last key or click asked for is painted. Milliseconds since it. */
export const painted = (page: Page, wanted: Wanted): Promise<number> =>
  page.evaluate((what) => window.bench.painted(what), wanted)

/**
 * Does something with a key, and waits until what it changes is painted. Watches from before the key on:
 * what the driver needs to say that the key is up again is no part of it. Milliseconds since the key.
 */
export async function paintedBy(page: Page, wanted: Wanted, press: () => Promise<void>): Promise<number> {
  await page.evaluate((what) => {
    window.bench.awaited = window.bench.painted(what)
  }, wanted)
  await press()
  return page.evaluate(() => window.bench.awaited!)
}

/** Times between frames, in milliseconds, while something is done. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    window.bench.stopFrames = window.bench.frames()
  })
  await work()
  return page.evaluate(() => window.bench.stopFrames!())
}
