#!/usr/bin/env node
import process from 'node:process'
import { runCli } from '../scripts/pinned-node.js'

try {
  await runCli(process.argv.slice(2))
} catch (error) {
  console.error(`cairn: ${error.message}`)
  process.exitCode = 1
}
