const KEY = 'cairn.predict-as-i-label'

/** Whether predictions follow one's labels while one reads, on this device. */
class Live {
  on = $state(localStorage.getItem(KEY) === 'yes')

  toggle(): void {
    this.on = !this.on
    if (this.on) localStorage.setItem(KEY, 'yes')
    else localStorage.removeItem(KEY)
  }
}

export const live = new Live()
