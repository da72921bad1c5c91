import process from 'node:process'
import { join } from 'node:path'
import { buildIfNeeded } from './build-if-needed.js'
import { ROOT, become, cairnNode } from './pinned-node.js'

try {
  buildIfNeeded()
  await become(cairnNode(), [join(ROOT, 'out/main/cli.js'), ...process.argv.slice(2)])
} catch (error) {
  console.error(`cairn: ${error.message}`)
  process.exitCode = 1
}
