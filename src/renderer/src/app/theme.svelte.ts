export type ThemeChoice = 'system' | 'light' | 'dark'

const KEY = 'cairn.theme'

/** Light, dark, or as the system has it; kept on this device. */
export class Theme {
  choice = $state<ThemeChoice>(read())
  #system = $state(matchMedia('(prefers-color-scheme: dark)').matches)
  readonly dark = $derived(this.choice === 'system' ? this.#system : this.choice === 'dark')

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
      this.#system = matches
    })
    this.#show()
  }

  set(choice: ThemeChoice): void {
    this.choice = choice
    localStorage.setItem(KEY, choice)
    this.#show()
  }

  toggle(): void {
    this.set(this.dark ? 'light' : 'dark')
  }

  #show(): void {
    if (this.choice === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.choice
  }
}

function read(): ThemeChoice {
  const stored = localStorage.getItem(KEY)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}
