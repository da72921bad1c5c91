#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT, become, cairnNode } from '../scripts/pinned-node.js'

const entry = join(ROOT, 'out/main/cli.js')

try {
  if (!existsSync(entry))
    throw new Error('nothing is built yet: run "npm run build" first (or use "npm run cairn -- …").')
  const node = cairnNode()
  if (node === process.execPath) await import(pathToFileURL(entry).href)
  else await become(node, [entry, ...process.argv.slice(2)])
} catch (error) {
  console.error(`cairn: ${error.message}`)
  process.exitCode = 1
}
