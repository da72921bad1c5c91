import process from 'node:process'
import { buildIfNeeded } from './build-if-needed.js'
import { runCli } from './pinned-node.js'

try {
  buildIfNeeded()
  await runCli(process.argv.slice(2))
} catch (error) {
  console.error(`cairn: ${error.message}`)
  process.exitCode = 1
}
