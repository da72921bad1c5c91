import type { Page } from 'playwright-core'

/** Rows of the table that are drawn. */
export const rows = (page: Page) => page.locator('[role=row][aria-selected]')
/** The row that the cursor is on. */
export const current = (page: Page) => page.locator('[role=row][aria-selected=true]')
/** One of its cells. */
export const cell = (page: Page, column: number) => current(page).locator('[role=gridcell]').nth(column)
/** What sorts by a column. */
export const header = (page: Page, name: string) =>
  page.getByRole('columnheader', { name }).getByRole('button', { name, exact: true })
