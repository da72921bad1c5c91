// Runs before the first paint, so that no page flashes in another theme or size than its own. The
// content security policy forbids inline scripts; `app/theme` and `app/preferences` own these values.
;(() => {
  const root = document.documentElement
  try {
    const theme = localStorage.getItem('cairn.theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    const { density, textSize } = JSON.parse(localStorage.getItem('cairn.look') ?? '{}')
    if (density === 'compact') root.dataset.density = density
    if (typeof textSize === 'number') root.style.setProperty('--read-size', `${textSize}px`)
  } catch {
    // The app starts with its own values.
  }
})()
