import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { chromium, type Browser } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function findChromium(): string | null {
  const given = process.env['CAIRN_CHROMIUM']
  if (given !== undefined && given !== '') return given
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name)
  return null
}

/** Path of a Chromium on this machine, or null. `CAIRN_CHROMIUM` names one that is not on the path. */
export const CHROMIUM = findChromium()

/** Starts the browser with everything off that would look for a network. */
export function openBrowser(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error('There is no Chromium on the path; CAIRN_CHROMIUM can name one.')
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--disable-sync',
    ],
  })
}
