import { createContext, onMount } from 'svelte'
import type { Toasts } from '../ui/toasts.svelte.ts'
import type { Command, Commands } from './commands.svelte.ts'
import type { Engine } from './engine.svelte.ts'
import type { Keymap } from './keymap.svelte.ts'
import type { Outbox } from './outbox.svelte.ts'
import type { Preferences } from './preferences.svelte.ts'
import type { Router } from './router.svelte.ts'
import type { Session } from './session.svelte.ts'
import type { Sheets } from './sheets.svelte.ts'
import type { Theme } from './theme.svelte.ts'

/** What the shell gives to every view. */
export interface AppContext {
  readonly engine: Engine
  readonly outbox: Outbox
  readonly router: Router
  readonly commands: Commands
  readonly keymap: Keymap
  readonly toasts: Toasts
  readonly session: Session
  readonly theme: Theme
  readonly preferences: Preferences
  readonly sheets: Sheets
}

export const [useApp, provideApp] = createContext<AppContext>()

/** Offers commands while the calling component lives. */
export function useCommands(commands: readonly Command[]): void {
  const app = useApp()
  onMount(() => app.commands.register(commands))
}
