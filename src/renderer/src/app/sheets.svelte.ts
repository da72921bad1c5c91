export type Sheet = 'palette' | 'shortcuts' | 'import' | 'classify'

/** Which of the app's dialogs is open: one at most. */
export class Sheets {
  open = $state<Sheet | null>(null)
  /** Paths that the import starts with, as from a drop. */
  paths = $state.raw<readonly string[]>([])

  /** Closes a sheet if it is the open one: a dialog that closes late must not close its successor. */
  close(sheet: Sheet): void {
    if (this.open === sheet) this.open = null
  }

  import(paths: readonly string[]): void {
    this.paths = paths
    this.open = 'import'
  }
}
