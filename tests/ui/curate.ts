import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { requireRecipe } from '#shared/domain/curate/document.ts'
import type { App } from './app.ts'
import { findings } from './look.ts'

const sum = (page: Page) => page.locator('.results .sum')
const rowCount = async (page: Page) =>
  Number((await sum(page).locator('b').textContent())!.replaceAll(',', ''))
const asText = (page: Page) =>
  page.getByRole('group', { name: 'Recipe as' }).getByText('Text', { exact: true }).click({ force: true })
const asForm = (page: Page) =>
  page.getByRole('group', { name: 'Recipe as' }).getByText('Form', { exact: true }).click({ force: true })
const text = (page: Page) => page.getByLabel('Recipe, as YAML')

async function put(page: Page, recipe: string): Promise<void> {
  // While the view still grows, a click may miss what has moved on.
  await expect
    .poll(async () => {
      if (!(await text(page).isVisible())) await asText(page)
      return text(page).isVisible()
    })
    .toBe(true)
  await text(page).fill(recipe)
}

/** Waits until the counts are those of the recipe as it is now. */
async function counted(page: Page): Promise<void> {
  await page.waitForTimeout(450)
  await page.locator('.results[aria-busy=false]').waitFor()
}

export function curateTests(app: () => App): void {
  it('counts a recipe as it is changed by form and by text, one being the other', async () => {
    const page = await app().open('#/library')
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await sum(page).waitFor()
    expect(await page.getByRole('combobox', { name: 'Recipe', exact: true }).inputValue()).toBe(
      'backtracking-verification',
    )
    const before = await rowCount(page)
    expect(before).toBeGreaterThan(100)
    const funnel = await page.locator('[aria-label=Funnel] tbody td.kept').allTextContents()
    const numbers = funnel.map((value) => Number(value.replaceAll(',', '')))
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
    expect(numbers.at(-1)).toBe(before)

    await page.getByLabel('Rows', { exact: true }).fill('50')
    await page.keyboard.press('Tab')
    await counted(page)
    expect(await rowCount(page)).toBe(50)
    await asText(page)
    expect(await text(page).inputValue()).toContain('size: 50')

    await put(page, 'recipe: 1\nname: mine\nfilters:\n- correct: false\n')
    await counted(page)
    const incorrect = await rowCount(page)
    const all = await app()
      .engine()
      .handlers['traces.count']({ filter: { correct: false } })
    expect(incorrect).toBe(all)
    await page.getByRole('group', { name: 'Recipe as' }).getByText('Form').click({ force: true })
    await page.getByRole('button', { name: 'Remove: incorrect' }).click()
    await counted(page)
    expect(await rowCount(page)).toBe(await app().engine().handlers['traces.count']({ filter: {} }))
  })

  /** A recipe made from the wrong answers, as they were chosen in Traces. */
  async function curateWrong(): Promise<Page> {
    const page = await app().open('#/traces?correct=no')
    await page.getByRole('button', { name: 'Curate…' }).click()
    await page.waitForURL((url) => url.hash === '#/curate')
    await sum(page).waitFor()
    await put(page, 'recipe: 1\nname: mine\n')
    await counted(page)
    return page
  }

  it('makes sets from what is chosen in Traces, until all are used again', async () => {
    const page = await curateWrong()
    const { 'traces.count': countOf } = app().engine().handlers
    expect(await rowCount(page)).toBe(await countOf({ filter: { correct: false } }))
    await page.getByRole('group', { name: 'Recipe as' }).getByText('Form').click({ force: true })
    expect(await page.getByRole('link', { name: 'Show them in Traces' }).getAttribute('href')).toBe(
      '#/traces?correct=no',
    )
    await page.getByRole('button', { name: 'Use all' }).click()
    await counted(page)
    expect(await rowCount(page)).toBe(await countOf({ filter: {} }))
  })

  it('says where a recipe is wrong, and takes the caret there', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: mine\nfilters:\n- corect: true\n')
    const problem = page.getByRole('list', { name: 'Problems of the recipe' }).getByRole('button')
    await expect
      .poll(() => problem.allTextContents())
      .toEqual([expect.stringMatching(/^4:3\s+filters\[0\]\s+"corect" is not known here/)])
    await problem.click()
    expect(
      await text(page).evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart)),
    ).toBe('corect: true\n')
    expect(await page.getByRole('button', { name: 'Make the set…' }).isDisabled()).toBe(true)
  })

  it('shows rows as they will be written, as text and as tokens, by keys', async () => {
    const page = await app().open('#/curate')
    await put(
      page,
      'recipe: 1\nname: mine\nfilters:\n- correct: true\ntransforms:\n- replace_thought: { with: nothing }\noutput: { format: sharegpt }\n',
    )
    await counted(page)
    const box = page.locator('[aria-label^="Rows as"] pre')
    expect(await box.textContent()).toContain('"from": "human"')
    await page.locator('.results').click({ position: { x: 5, y: 5 } })
    await page.keyboard.press('j')
    await page.getByText('2 of 20').waitFor()
    const as = (name: string) =>
      page.getByRole('group', { name: 'Row as' }).getByText(name, { exact: true }).click({ force: true })
    await as('Text')
    const shown = (await box.textContent())!
    expect(shown).toMatch(/^<think> <\/think>\n/)
    await as('Tokens')
    expect(await box.textContent()).toBe(shown)
    expect(await box.locator('span').count()).toBeGreaterThan(5)
  })

  it('changes the text by form, every kind of change', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: mine\nfilters:\n- correct: true\noutput: { format: verl_prompt }\n')
    await asForm(page)
    const part = page.locator('.form > section', {
      has: page.getByRole('heading', { name: 'Changes to the text' }),
    })
    const items = part.getByRole('listitem')
    const add = async (label: string) => {
      const before = await items.count()
      await part.getByLabel('Add a change').selectOption({ label })
      await expect.poll(() => items.count()).toBe(before + 1)
    }
    await add('End at a step')
    await items.nth(0).getByLabel('At', { exact: true }).selectOption({ label: 'A number of steps' })
    await items.nth(0).getByLabel('Steps', { exact: true }).fill('3')
    await page.keyboard.press('Tab')
    await add('Mask steps')
    await items.nth(1).getByLabel('Backtracking').check()
    await items.nth(1).getByLabel('In their place').fill('[…]')
    await page.keyboard.press('Tab')
    await add('System message')
    await items.nth(2).getByLabel('System message', { exact: true }).fill('Use {behaviours}.')
    await page.keyboard.press('Tab')
    await add('Another thought')
    await items.nth(3).getByLabel('The thought becomes').selectOption({ label: 'A text' })
    await items.nth(3).getByLabel('Text', { exact: true }).fill('I see.')
    await page.keyboard.press('Tab')
    await add('Begin at a step')
    await items.nth(4).getByLabel('At', { exact: true }).selectOption({ label: 'Before the first' })
    await items.nth(4).getByLabel('Behaviour', { exact: true }).selectOption({ label: 'verification' })
    await add('Chat template')
    await items.nth(5).getByLabel('File of the model').fill('model/chat_template.jinja')
    await page.keyboard.press('Tab')
    // What looks at branches goes first, wherever it is added.
    await add('Failed branches')
    await expect.poll(() => items.first().textContent()).toContain('failed branches out')
    await asText(page)
    const written = requireRecipe(await text(page).inputValue(), 'the form')
    expect(written.transforms).toEqual([
      { branches: 'drop_failed' },
      { truncate: { steps: 3 } },
      { mask: { behaviours: ['verification', 'backtracking'], with: '[…]' } },
      { system: 'Use {behaviours}.' },
      { replace_thought: { with: 'text', text: 'I see.' } },
      { cut: { before_first: 'verification' } },
      { chat_template: { file: 'model/chat_template.jinja' } },
    ])
    // verl's prompts have no place for a response that has begun.
    expect(written.output.format).toBe('verl_query')
  })

  it('makes pairs, groups and nested conditions by form', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: mine\ntransforms:\n- think: normalise\n')
    await asForm(page)
    await page.getByLabel('Add a filter').selectOption({ label: 'One of several' })
    await page.getByLabel('Add an alternative').selectOption({ label: 'Truncated' })
    await page.getByRole('button', { name: 'Add a group' }).click()
    await page.getByRole('textbox', { name: 'Group', exact: true }).fill('rich')
    await page.keyboard.press('Tab')
    const group = page.getByRole('group', { name: 'Group rich' })
    await group.getByLabel('Add a condition').selectOption({ label: 'Behaviours, how often' })
    await group.getByLabel('All together, at least').fill('3')
    await page.keyboard.press('Tab')
    await group.getByRole('button', { name: 'Remove: correct' }).click()
    // Of trees only the prompt can be changed: the rest goes, and nothing is wrong with the recipe.
    await page.getByLabel('A row is').selectOption({ label: 'A search tree as text' })
    await page.getByLabel('Told', { exact: true }).selectOption({ label: 'Best first' })
    await asText(page)
    const { filters, sample, rows, transforms } = requireRecipe(await text(page).inputValue(), 'the form')
    expect(filters).toEqual([{ any: [{ correct: true }, { truncated: false }] }])
    expect(sample.groups).toEqual([
      { name: 'rich', where: [{ behaviours: { verification: { min: 1 }, total: { min: 3 } } }] },
    ])
    expect(rows).toEqual({ kind: 'trees', order: 'best_first', dead_ends: true })
    expect(transforms).toEqual([])
  })

  it('tells why traces are dropped, with one to look at', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: mine\nfilters:\n- correct: true\n- only: [backtracking]\n')
    await counted(page)
    const why = page.getByRole('button', { name: /why [\d,]+ were dropped at backtracking, nothing else$/ })
    await why.click()
    const reasons = page.locator('[aria-label=Funnel] .why li')
    const told = await reasons.allTextContents()
    const dropped = Number(
      /why ([\d,]+) /.exec((await why.getAttribute('aria-label'))!)![1]!.replaceAll(',', ''),
    )
    const sum = told.map((line) => Number(/^[\d,]+/.exec(line.trim())![0].replaceAll(',', '')))
    expect(sum.reduce((a, b) => a + b)).toBe(dropped)
    expect(told[0]).toContain('shows verification + backtracking')
    const id = Number(/\d+$/.exec((await reasons.first().getByRole('link').textContent())!)![0])
    const trace = await app().engine().handlers['traces.get']({ id })
    expect(trace.row.correct).toBe(true)
    await reasons.first().getByRole('link').click()
    await page.waitForURL((url) => url.hash.startsWith(`#/trace/${id}`))
  })

  it('sets another recipe beside it', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: mine\nfilters:\n- correct: true\nsample: { size: 30 }\n')
    await counted(page)
    const part = page.getByRole('region', { name: 'Side by side' })
    await part.getByLabel('Recipe to see beside this one').selectOption('negative-control')
    const cells = async (name: string) => part.getByRole('row', { name }).getByRole('cell').allTextContents()
    await part.getByRole('row', { name: 'Rows' }).waitFor()
    expect((await cells('Rows'))[0]).toBe('30')
    expect((await cells('Correct'))[0]).toBe('100.0%')
    expect((await cells('Backtracking'))[1]).toMatch(/^(0\.0%|–)$/)
  })

  it('counts another recipe beside it anew when other traces are chosen', async () => {
    const { handlers } = app().engine()
    await handlers['recipes.save']({ text: 'recipe: 1\nname: all-of-them\n' })
    const page = await curateWrong()
    const part = page.getByRole('region', { name: 'Side by side' })
    await part.getByLabel('Recipe to see beside this one').selectOption('all-of-them')
    const rows = () => part.getByRole('row', { name: 'Rows' }).getByRole('cell').allTextContents()
    const some = (await handlers['traces.count']({ filter: { correct: false } })).toLocaleString('en')
    await expect.poll(rows).toEqual([some, some])
    await page.getByRole('group', { name: 'Recipe as' }).getByText('Form').click({ force: true })
    await page.getByRole('button', { name: 'Use all' }).click()
    const all = (await handlers['traces.count']({ filter: {} })).toLocaleString('en')
    await expect.poll(rows).toEqual([all, all])
    await handlers['recipes.remove']({ name: 'all-of-them' })
  })

  it('makes a set, lists it, and gives its recipe back', async () => {
    const page = await app().open('#/curate')
    const recipe =
      'recipe: 1\nname: from-window\nfilters:\n- correct: true\nsample: { size: 40 }\nsplit: { validation: 0.1 }\n'
    await put(page, recipe)
    await counted(page)
    await page.keyboard.press('Control+Enter')
    const dialog = page.getByRole('dialog')
    const folder = join(app().folder, 'sets', 'from-window')
    await dialog.getByLabel('Folder').fill(folder)
    await dialog.getByRole('button', { name: 'Make the set' }).click()
    await dialog.getByText('40 rows').waitFor()
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      files: { rows: number }[]
    }
    expect(manifest.files.map(({ rows }) => rows).reduce((a, b) => a + b)).toBe(40)
    await dialog.getByRole('button', { name: 'Done' }).click()

    await put(page, 'recipe: 1\nname: another\n')
    await page.getByRole('button', { name: 'Made here' }).click()
    await page
      .getByRole('row', { name: /from-window/ })
      .getByRole('button', { name: 'Open its recipe' })
      .click()
    expect(await text(page).inputValue()).toBe(recipe)
    expect(existsSync(join(folder, 'README.md'))).toBe(true)

    await expect.poll(() => page.locator('dialog').count()).toBe(0)
    // A second time the folder is taken, and nothing in it changes.
    await page.keyboard.press('Control+Enter')
    await dialog.getByLabel('Folder').fill(folder)
    await dialog.getByRole('button', { name: 'Make the set' }).click()
    await dialog.getByText('holds a data set already').waitFor()
  })

  it('saves a recipe under its name, and removes it', async () => {
    const page = await app().open('#/curate')
    await put(page, 'recipe: 1\nname: kept-one\ntitle: Kept one\n')
    await page.keyboard.press('Control+s')
    await page.getByText('Recipe kept-one saved').waitFor()
    await page.reload()
    const menu = page.getByRole('combobox', { name: 'Recipe', exact: true })
    await expect.poll(() => menu.inputValue()).toBe('kept-one')
    await page.getByRole('button', { name: 'Remove the saved recipe' }).click()
    await expect.poll(() => menu.getByRole('option', { name: 'Kept one' }).count()).toBe(0)
  })

  it('is accessible in both themes, as form and as text', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const page = await app().open('#/curate', { theme })
      await sum(page).waitFor()
      expect(await findings(page)).toEqual([])
      await put(page, 'recipe: 1\nname: mine\nsample: { by: [behaviours] }\nseed: x\n')
      expect(await findings(page)).toEqual([])
      await put(page, 'recipe: 1\nname: mine\nsample: { by: [behaviours] }\n')
      await counted(page)
      await page.keyboard.press('Control+Enter')
      await page.getByRole('dialog').waitFor()
      expect(await findings(page)).toEqual([])
    }
  })
}
