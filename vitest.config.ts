import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The tests in a browser are one long file: begun first, the others run beside it. Those that kill processes keep both
 * cores busy by themselves, so they come last.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      moduleId.includes('/tests/ui/') ? 0 : moduleId.includes('/tests/fault/') ? 2 : 1
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  // State that is kept in runes can be tested without a browser.
  plugins: [svelte()],
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A busy machine may take a while for what is waited for; a second, the default, is too short.
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // Tests run the threads from source, whose types Node strips with WebAssembly in each of them. V8 keeps one register
    // of code pages for all threads, which such threads that come and go get wrong at times: it then aborts the
    // process (nodejs/node#64500). What was stripped and compiled once is kept, so that nearly none has to again; it is a
    // third faster, too. Protection keys, where processors have them, make it more likely.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/tests') },
    execArgv: ['--no-memory-protection-keys'],
    sequence: { sequencer: LongFirst },
  },
})
