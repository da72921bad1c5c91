import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { diagnose } from '#engine/doctor.ts'
import { installPaths } from '#engine/install-paths.ts'
import { EXIT } from '../exit-codes.ts'
import { DEFAULT_WORKSPACE, withWorkspace } from '../session.ts'
import { paint, print } from '../terminal.ts'

interface Flags {
  workspace: string
  json?: boolean
}

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('check versions, the classifier, the GPU and a workspace, and say what to do')
    .addOption(
      new Option('-w, --workspace <dir>', 'workspace to check page by page')
        .env('CAIRN_WORKSPACE')
        .default(DEFAULT_WORKSPACE),
    )
    .option('--json', 'print JSON')
    .action(async (flags: Flags) => {
      const checks = await diagnose(installPaths())
      if (existsSync(join(flags.workspace, 'cairn.db'))) {
        try {
          const { ok, problems } = await withWorkspace(flags.workspace, { create: false }, ({ client }) =>
            client.call('workspace.check', {}),
          )
          checks.push({
            name: 'workspace',
            state: ok ? 'ok' : 'problem',
            found: ok ? `${flags.workspace} is sound` : problems.join('; '),
            advice: ok
              ? null
              : 'Keep a copy of the folder, then restore a backup or import the sources anew.',
          })
        } catch (error) {
          checks.push({ name: 'workspace', state: 'problem', found: (error as Error).message, advice: null })
        }
      }
      if (flags.json) print(JSON.stringify({ checks }, null, 2))
      else
        for (const { name, state, found, advice } of checks) {
          const mark =
            state === 'ok' ? paint('green', '✓') : state === 'note' ? paint('yellow', '·') : paint('red', '✗')
          print(`${mark} ${name.padEnd(16)} ${found}`)
          if (advice !== null) print(`  ${' '.repeat(16)} ${paint('dim', advice)}`)
        }
      if (checks.some(({ state }) => state === 'problem')) process.exitCode = EXIT.failed
    })
}
