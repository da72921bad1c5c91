import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildIfNeeded } from './build-if-needed.js'
import { downloadElectron, electronBinary, whyNoWindow } from './electron-binary.js'
import { ROOT, become, cairnNode, runCli } from './pinned-node.js'
import { sampleWorkspace } from './sample-workspace.js'

const USAGE = `npm start -- [options]
  --workspace <dir>  open this workspace instead of the sample
  --web              serve to a browser even where a window could open
  --port <n>         port for the browser, 0 for any free one (default: the workspace's own where it is free)
  --no-open          do not open a browser`

/** A window that ends in failure this soon never came up. */
const CAME_UP_MS = 5_000

async function main() {
  const options = readOptions()
  const node = cairnNode()
  // Everything below needs what the project's own Node has.
  if (node !== process.execPath)
    return become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)])
  buildIfNeeded()
  const workspace = options.workspace ?? sampleWorkspace()
  const reason = options.web ? 'as asked' : await openWindow(workspace)
  if (reason === null) return
  console.log(`Serving Cairn to a browser instead of a window: ${reason}.`)
  const open = mayOpenBrowser(options) ? ['--open'] : []
  const port = options.port === undefined ? [] : ['--port', options.port]
  await runCli(['serve', '--workspace', workspace, ...port, ...open])
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      workspace: { type: 'string' },
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  return values
}

/** Opens the window and waits for its end. The reason why it cannot, or null. */
async function openWindow(workspace) {
  const reason = whyNoWindow()
  if (reason !== null) return reason
  if (electronBinary() === null) {
    console.log('Downloading Electron’s binary (once)…')
    try {
      await downloadElectron()
    } catch (error) {
      return `Electron’s binary is not here and ${error.message}`
    }
  }
  const started = Date.now()
  await become(electronBinary(), [ROOT, `--workspace=${workspace}`])
  if (!process.exitCode || Date.now() - started > CAME_UP_MS) return null
  process.exitCode = 0
  return 'the window ended right after its start'
}

function mayOpenBrowser(options) {
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  return !options['no-open'] && !process.env.CI && process.stdout.isTTY && Boolean(display)
}

try {
  await main()
} catch (error) {
  console.error(`cairn: ${error.message}`)
  process.exitCode = 1
}
