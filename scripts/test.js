/**
 * `npm test`: the static checks, a build, then every test. Browser tests need Chromium: it is
 * installed where that is possible; where it is not, the run says what it left out and fails, unless
 * CAIRN_WITHOUT_BROWSER=1 accepts that.
 */
import { spawn, spawnSync } from 'node:child_process'
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

function told(title, started, passed) {
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  return passed
}

const options = { cwd: root, env, shell: process.platform === 'win32' }

function run(title, command, args) {
  const started = Date.now()
  const { status } = spawnSync(command, args, { ...options, stdio: 'inherit' })
  return told(title, started, status === 0)
}

/** Runs a check beside others: what it prints appears when it has ended, in one piece. */
function runBeside([title, command, args]) {
  const started = Date.now()
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk))
  return new Promise((resolve) => {
    child.on('error', (error) => printed.push(Buffer.from(`${error.message}\n`)))
    child.on('close', (status) => {
      process.stdout.write(Buffer.concat(printed))
      resolve(told(title, started, status === 0))
    })
  })
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

/** Two queues side by side: lint takes longer than all the others together, so it has two threads. */
const checks = [
  [['lint', 'eslint', ['.', '--max-warnings', '0', '--concurrency', '2']]],
  [
    ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
    ['types', 'tsc', ['-p', 'tsconfig.json']],
    ['svelte', 'svelte-check', ['--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human']],
    ['dependency rules', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'bin']],
    ['unused code', 'knip', []],
    ['build', 'electron-vite', ['build', '--logLevel', 'warn']],
  ],
]
const failed = []
await Promise.all(
  checks.map(async (queue) => {
    for (const check of queue) if (!(await runBeside(check))) failed.push(check[0])
  }),
)

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
