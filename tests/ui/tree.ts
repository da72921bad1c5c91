import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { decode, encode } from '#shared/rpc/codec.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'
import { createWire } from './wire.ts'

export function treeTests(app: () => App): void {
  const handlers = () => app().engine().handlers
  /** A trace with a few branches and no loop. */
  const branched = async () => {
    const { id } = await handlers()['graphs.build']({ filter: {}, force: false })
    await handlers()['jobs.wait']({ id })
    const [row] = await handlers()['traces.list']({
      filter: {
        graph: { dead_ends: { min: 4, max: 12 }, loops: { max: 0 }, depth: { min: 3 } },
        correct: true,
      },
      sort: { by: 'dead_ends', descending: true },
      offset: 0,
      limit: 1,
    })
    return row!.id
  }
  const openTree = async (id: number, theme: 'light' | 'dark' = 'light') => {
    const page = await app().open(`#/trace/${id}`, { theme })
    await items(page).first().waitFor()
    return page
  }
  const items = (page: Page) => page.getByRole('treeitem')
  const active = (page: Page) => page.locator('[role=treeitem][aria-selected=true]')
  const labelOfActive = (page: Page) => active(page).textContent()
  const step = (page: Page) => page.locator('[role=option][aria-selected=true]')
  const stepText = (page: Page) => step(page).locator('[data-from]').first().textContent()

  it('shows every node of the graph, answer path and dead ends told apart in words', async () => {
    const id = await branched()
    const graph = unpackGraph((await handlers()['graphs.get']({ traceId: id })).graph)
    const page = await openTree(id)
    expect(await items(page).count()).toBe(graph.nodes.length)
    const labels = await items(page).evaluateAll((all) => all.map((one) => one.textContent))
    const onPath = graph.nodes.filter(({ fate }) => fate === 'answer').length
    expect(labels.filter((label) => label.includes('the answer rests on it'))).toHaveLength(onPath)
  })

  it('goes along with the text, and the text with it', async () => {
    const id = await branched()
    const page = await openTree(id)
    const before = await stepText(page)
    await items(page).nth(3).click()
    expect(await active(page).getAttribute('data-place')).toBe('3')
    await expect.poll(() => stepText(page)).not.toBe(before)
    const { graph: packed, bounds } = await handlers()['graphs.get']({ traceId: id })
    const graph = unpackGraph(packed)
    await page.getByRole('listbox', { name: 'Response' }).focus()
    await page.keyboard.press('End')
    // The last step belongs to the node that the tree now shows.
    const last = graph.nodes[graph.owner[bounds.length / 2 - 1]!]!
    await expect
      .poll(async () => (await active(page).getAttribute('id'))!.split('-').at(-1))
      .toBe(`n${last.id}`)
  })

  it('is walked by keys: rows, parent, child, sibling, folds, returns', async () => {
    const page = await openTree(await branched())
    await page.getByRole('tree').focus()
    await page.keyboard.press('Home')
    const root = await labelOfActive(page)
    await page.keyboard.press('ArrowDown')
    const first = await labelOfActive(page)
    expect(first).not.toBe(root)
    await page.keyboard.press('Shift+ArrowDown')
    expect(await labelOfActive(page)).not.toBe(first)
    await page.keyboard.press('Shift+ArrowUp')
    expect(await labelOfActive(page)).toBe(first)
    await page.keyboard.press('ArrowLeft')
    expect(await labelOfActive(page)).toBe(root)
    const whole = await items(page).count()
    await page.keyboard.press(' ')
    await expect.poll(() => items(page).count()).toBe(1)
    expect(await active(page).getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => items(page).count()).toBe(whole)
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('listbox')
  })

  it('finds in nodes and their sentences', async () => {
    const page = await openTree(await branched())
    await page.getByRole('tree').focus()
    await page.keyboard.press('/')
    await page.keyboard.type('answer')
    await expect.poll(() => page.locator('output').textContent()).not.toBe('0')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tree')
    expect(await active(page).count()).toBe(1)
  })

  it('keeps level, direction and whether it is open', async () => {
    const id = await branched()
    const page = await openTree(id)
    await page.getByRole('radio', { name: 'Steps' }).check()
    const { bounds } = await handlers()['graphs.get']({ traceId: id })
    await expect.poll(() => items(page).count()).toBeGreaterThan(bounds.length / 4)
    await page.getByRole('button', { name: 'Grow to the right' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Grow downwards' }).waitFor()
    expect(await page.getByRole('radio', { name: 'Steps' }).isChecked()).toBe(true)
    await page.getByRole('listbox', { name: 'Response' }).focus()
    await page.keyboard.press('r')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tree')
    await page.keyboard.press('r')
    await expect.poll(() => page.getByRole('tree').count()).toBe(0)
    await page.reload()
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    expect(await page.getByRole('tree').count()).toBe(0)
  })

  it('is edited by keys, and undo takes each edit back', async () => {
    const id = await branched()
    const page = await openTree(id)
    const edits = async () =>
      (await handlers()['graphs.get']({ traceId: id })).edits.map(({ change }) => change)
    await page.getByRole('tree').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+D')
    await expect.poll(edits).toMatchObject([{ kind: 'fate', fate: 'answer' }])
    await expect.poll(() => labelOfActive(page)).toContain('the answer rests on it')
    await page.keyboard.press('z')
    await expect.poll(edits).toEqual([])
    await expect.poll(() => labelOfActive(page)).not.toContain('the answer rests on it')
    await page.getByRole('tree').focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('e')
    await page.getByText('What does it hang from?').waitFor()
    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('Enter')
    await expect.poll(edits).toMatchObject([{ kind: 'attach' }])
    await page.getByRole('button', { name: 'Edit the tree' }).click()
    await page.getByText('Take back 1 edit').click()
    await expect.poll(edits).toEqual([])
  })

  it.each(['SVG', 'PNG', 'JSON', 'GraphML', 'Graphviz DOT'])(
    'is saved as %s, twice the same',
    async (format) => {
      const page = await openTree(await branched())
      const save = async () => {
        await page.getByRole('button', { name: 'Save the tree' }).click()
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: new RegExp(`^${format} `) }).click(),
        ])
        return readFile(await file.path())
      }
      const [first, second] = [await save(), await save()]
      expect(first.length).toBeGreaterThan(500)
      expect(second.equals(first)).toBe(true)
    },
  )

  it('tells its own keys in the shortcuts sheet', async () => {
    const page = await openTree(await branched())
    await page.getByRole('tree').focus()
    await page.keyboard.press('?')
    const own = page
      .locator('dialog section')
      .filter({ has: page.getByRole('heading', { name: 'In the tree' }) })
    await own.getByText('move the return point').waitFor()
    expect(await own.getByText('mark the branch as dead').locator('..').locator('kbd').textContent()).toBe(
      'D',
    )
  })

  it('is moved by keys on its map', async () => {
    const page = await openTree(await branched())
    await page.getByRole('radio', { name: 'Steps' }).check()
    const map = page.getByRole('scrollbar', { name: /^Map of the tree/ })
    await map.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => map.getAttribute('aria-valuenow')).toBe('0')
    await page.keyboard.press('End')
    await expect.poll(() => map.getAttribute('aria-valuenow')).toBe('100')
    await page.keyboard.press('ArrowUp')
    await expect.poll(async () => Number(await map.getAttribute('aria-valuenow'))).toBeLessThan(100)
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tree')
  })

  it('draws from afar on a canvas, with the items around the active one for screen readers', async () => {
    const page = await openTree(await branched())
    const tree = page.getByRole('tree')
    for (let time = 0; time < 6; time++) await page.getByRole('button', { name: 'Smaller' }).click()
    await expect.poll(() => tree.locator('canvas').count()).toBe(1)
    const drawn = await tree.locator('canvas').evaluate(async (canvas: HTMLCanvasElement) => {
      await new Promise(requestAnimationFrame)
      await new Promise(requestAnimationFrame)
      return canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((byte) => byte > 0)
    })
    expect(drawn).toBe(true)
    expect(await active(page).count()).toBe(1)
  })

  it('shows the shapes of a selection in any order, and leads to the trace', async () => {
    await branched()
    const page = await app().open('#/shapes?run=grpo')
    const shapes = page.getByRole('list', { name: 'Shapes of traces' }).getByRole('link')
    await shapes.first().waitFor()
    await page.getByLabel('Order').selectOption({ label: 'Dead ends' })
    const [most] = await handlers()['traces.list']({
      ...{ filter: { runs: ['grpo'] }, offset: 0, limit: 1 },
      sort: { by: 'dead_ends', descending: true },
    })
    await expect
      .poll(async () => (await shapes.first().textContent())!.replace(/\s+/g, ' '))
      .toContain(`dead ends ${most!.graph!.dead_ends}`)
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Tab')
    await shapes.first().focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-at'))).toBe('1')
    await shapes.first().click()
    await page.getByRole('listbox', { name: 'Response' }).waitFor()
    expect(page.url()).toContain(`#/trace/${most!.id}`)
  })

  it('reads the shapes anew that one looks at when a job has ended', async () => {
    const wire = createWire()
    const filter = { runs: ['grpo'] }
    const sort = { by: 'id', descending: false } as const
    const [row] = await handlers()['traces.list']({ filter, sort, offset: 0, limit: 1 })
    const page = await app().open('#/shapes?run=grpo', wire)
    const first = page.getByRole('list', { name: 'Shapes of traces' }).getByRole('link').first()
    await expect.poll(() => first.textContent()).toContain(row!.key)
    wire.change(row!.key!, 'anew')
    await handlers()['graphs.build']({ filter: { ids: [row!.id] }, force: true })
    await expect.poll(() => first.textContent()).toContain('anew')
  })

  it('reaches the last shape of more traces than a browser can scroll through', async () => {
    const last = 2_999_999
    const page = await app().open('#/shapes', { prepare: (page) => pretend(page, last + 1) })
    const list = page.getByRole('list', { name: 'Shapes of traces' })
    const link = (at: number) => list.locator(`[data-at="${at}"]`)
    await link(0).waitFor()
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight))
    await link(last).waitFor()
    expect(await seen(list, link(last))).toBe(true)
    await link(last).focus()
    for (let time = 0; time < 8; time++) await page.keyboard.press('ArrowUp')
    const focused = () =>
      page.evaluate(() => Number(document.activeElement?.getAttribute('data-at') ?? Number.NaN))
    await expect.poll(focused).toBeLessThan(last)
    expect(await seen(list, link(await focused()))).toBe(true)
    await list.evaluate((element) => (element.scrollTop = 0))
    await link(0).waitFor()
    expect(await seen(list, link(0))).toBe(true)
  })

  it('sets two traces of a prompt side by side, and goes from match to match in both', async () => {
    const id = await branched()
    const page = await openTree(id)
    await page.getByRole('button', { name: 'Compare with another trace of the prompt' }).click()
    await page.getByRole('dialog', { name: 'Compare' }).getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Side by side' }).waitFor()
    const now = (side: string) =>
      page.getByRole('region', { name: side }).locator('[aria-current=step]').textContent()
    await page.getByRole('region', { name: 'Right trace' }).getByRole('treeitem').first().waitFor()
    const before = [await now('Left trace'), await now('Right trace')]
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await expect.poll(() => now('Left trace')).not.toBe(before[0])
    expect(await now('Right trace')).not.toBe(before[1])
    expect(await findings(page)).toEqual([])
  })

  for (const theme of ['light', 'dark'] as const)
    it(`gives axe nothing to complain of (${theme})`, async () => {
      const page = await openTree(await branched(), theme)
      await items(page).nth(4).hover()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Grow to the right' }).click()
      expect(await findings(page)).toEqual([])
    })
}

/** Whether all of an element is in view in another. */
async function seen(outer: Locator, inner: Locator): Promise<boolean> {
  const [around, box] = [(await outer.boundingBox())!, (await inner.boundingBox())!]
  return box.y >= around.y && box.y + box.height <= around.y + around.height
}

/** Has a page believe that there are so many traces, the first ones over and over again. */
async function pretend(page: Page, traces: number): Promise<void> {
  interface Message {
    i: string
    a?: [method: string, input: { offset?: number }]
    r?: { value: unknown }
  }
  const counts = new Set<string>()
  const read = (bytes: string | Buffer) => decode(new Uint8Array(Buffer.from(bytes))) as Message
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((bytes) => {
      const message = read(bytes)
      const [method, input] = message.a ?? []
      if (method === 'traces.count') counts.add(message.i)
      if (method === 'traces.list') input!.offset = 0
      server.send(Buffer.from(encode(message)))
    })
    server.onMessage((bytes) => {
      const message = read(bytes)
      if (message.r !== undefined && counts.delete(message.i)) message.r.value = traces
      socket.send(Buffer.from(encode(message)))
    })
  })
}
