import type { Command } from './command.ts'
import type { Preferences } from './preferences.svelte.ts'
import type { Router } from './router.svelte.ts'
import type { Sheets } from './sheets.svelte.ts'
import type { Theme } from './theme.svelte.ts'

interface Deps {
  router: Router
  sheets: Sheets
  theme: Theme
  preferences: Preferences
}

/** The commands that every view has. */
export function globalCommands({ router, sheets, theme, preferences }: Deps): readonly Command[] {
  const open = (sheet: 'palette' | 'shortcuts' | 'classify') => () => {
    sheets.open = sheet
  }
  return [
    { id: 'go-library', title: 'Library', group: 'Go to', keys: ['g l'], run: () => router.go('#/library') },
    { id: 'go-traces', title: 'Traces', group: 'Go to', keys: ['g t'], run: () => router.go('#/traces') },
    { id: 'go-curate', title: 'Curate', group: 'Go to', keys: ['g u'], run: () => router.go('#/curate') },
    { id: 'go-models', title: 'Models', group: 'Go to', keys: ['g m'], run: () => router.go('#/models') },
    {
      id: 'go-rejects',
      title: 'Records that could not be imported',
      group: 'Go to',
      run: () => router.go('#/rejects'),
    },
    {
      id: 'go-settings',
      title: 'Settings',
      group: 'Go to',
      keys: ['g ,', 'mod+,'],
      run: () => router.go('#/settings'),
    },
    { id: 'palette', title: 'Find a command', group: 'Go to', keys: ['mod+k'], run: open('palette') },
    { id: 'shortcuts', title: 'Show shortcuts', group: 'Go to', keys: ['?'], run: open('shortcuts') },
    {
      id: 'import',
      title: 'Import files…',
      group: 'Workspace',
      keys: ['mod+o'],
      run: () => sheets.import([]),
    },
    { id: 'classify', title: 'Classify traces…', group: 'Workspace', run: open('classify') },
    { id: 'theme-light', title: 'Light theme', group: 'Look', run: () => theme.set('light') },
    { id: 'theme-dark', title: 'Dark theme', group: 'Look', run: () => theme.set('dark') },
    { id: 'theme-system', title: 'Theme of the system', group: 'Look', run: () => theme.set('system') },
    {
      id: 'density',
      title: 'Change the density',
      group: 'Look',
      run: () => preferences.setDensity(preferences.density === 'compact' ? 'comfortable' : 'compact'),
    },
  ]
}
