/** A command without what it does. */
export interface CommandInfo {
  readonly id: string
  readonly title: string
  readonly group:
    'Go to' | 'Traces' | 'Trace' | 'Label' | 'Models' | 'Curate' | 'Workspace' | 'Look' | 'Settings'
  /** As `keyName` writes them; a space separates keys typed in turn. */
  readonly keys?: readonly string[]
  /** Keys that a part of the view hears itself while it has the focus: shown, never listened for here. */
  readonly local?: { readonly where: string; readonly keys: readonly string[] }
}

/** Something the person can do: listed in the palette and the shortcuts sheet, run by its keys. */
export interface Command extends CommandInfo {
  run(): void
}
