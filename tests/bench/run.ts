/** `npm run bench NAME [-- options]` runs tests/bench/NAME.ts; without a name it lists them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [name] = process.argv.slice(2)
const file = join(import.meta.dirname, `${name ?? ''}.ts`)
if (name === undefined || name === 'run' || !existsSync(file)) {
  const names = readdirSync(import.meta.dirname)
    .filter((entry) => entry.endsWith('.ts') && !['run.ts', 'bare-loop.ts'].includes(entry))
    .map((entry) => entry.replace(/\.ts$/, ''))
  console.error(`usage: npm run bench NAME\n\nbenchmarks: ${names.join(', ')}`)
  process.exit(2)
}
const bench = (await import(file)) as { run(): Promise<void> }
await bench.run()
