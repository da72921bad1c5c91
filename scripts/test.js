/**
 * `npm test`: the static checks, a build, then every test. Browser tests need Chromium: it is
 * installed where that is possible; where it is not, the run says what it left out and fails, unless
 * CAIRN_WITHOUT_BROWSER=1 accepts that.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const report = join(root, 'out', 'test-report.json')
const bin = join(root, 'node_modules', '.bin')
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  FORCE_COLOR: process.env.FORCE_COLOR ?? '0',
}

function run(title, command, args) {
  const started = Date.now()
  const { status } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)`)
  return status === 0
}

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function findChromium() {
  if (process.env.CAIRN_CHROMIUM) return process.env.CAIRN_CHROMIUM
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of CHROMIUM) if (existsSync(join(folder, name))) return join(folder, name)
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  return existsSync(mac) ? mac : null
}

function installChromium() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  console.log('Chromium is missing; installing it with apt-get.')
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  spawnSync('apt-get', ['update', '-qq'], quiet)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
}

const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['svelte', 'svelte-check', ['--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human']],
  ['dependency rules', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'bin']],
  ['unused code', 'knip', []],
  ['build', 'electron-vite', ['build', '--logLevel', 'warn']],
]
const failed = checks.filter(([title, command, args]) => !run(title, command, args)).map(([title]) => title)

let chromium = findChromium()
if (chromium === null) {
  installChromium()
  chromium = findChromium()
}
const withoutBrowser = chromium === null
if (chromium !== null) env.CAIRN_CHROMIUM = chromium

rmSync(report, { force: true })
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
if (withoutBrowser) args.push('--exclude', 'tests/ui/**')
if (!run('tests', 'vitest', args)) failed.push('tests')

if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
}
if (withoutBrowser) {
  console.log(
    'NOT RUN: tests/ui (browser tests), because there is no Chromium and it could not be installed.',
  )
  console.log(
    'Install Chromium or Chrome, or set CAIRN_CHROMIUM to one; CAIRN_WITHOUT_BROWSER=1 accepts this.',
  )
  if (process.env.CAIRN_WITHOUT_BROWSER !== '1') failed.push('browser tests')
}
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(', ')}`)
  process.exit(1)
}
