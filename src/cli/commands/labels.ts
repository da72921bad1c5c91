import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'
import { addLabelsAgreement } from './labels-agreement.ts'

export function labelsCommand(program: Command): void {
  const labels = program
    .command('labels')
    .summary('bring annotations into a workspace, and compare those of several people')
  const command = labels
    .command('import')
    .summary('attach annotations and predictions of a file to the traces with the same text')
    .argument(
      '<file>',
      'written by "cairn export -f annotations", or rows with text, steps and annotations; JSON lines (also .gz, .zst) or Parquet',
    )
    .option('--json', 'print the result as JSON')
  addLabelsAgreement(labels)
  addWorkspaceOption(command)
  command.action(async (path: string, flags: { workspace: string; json?: boolean }) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const result = await client.call('labels.import', { path })
      if (result.read > 0 && result.invalid === result.read) process.exitCode = EXIT.failed
      if (flags.json) {
        print(JSON.stringify(result))
        return
      }
      note(
        `${count(result.read)} rows: ${count(result.added)} annotations added, ${count(result.duplicates)} were there, ${count(result.predictions)} predictions taken, ${count(result.unmatched)} rows match no trace, ${count(result.invalid)} invalid`,
      )
      const { behaviours, added, duplicates, predictions } = result.own
      if (added + duplicates + predictions > 0)
        note(
          `behaviours of your own: ${count(added)} labels added, ${count(duplicates)} were there, ${count(predictions)} predictions taken, ${count(behaviours)} behaviours made`,
        )
      if (result.replaced + result.outdated > 0)
        note(
          `present and absent of one span by one person, the later counts: ${count(result.replaced)} labels gave way to those of the file, ${count(result.outdated)} of the file were left out`,
        )
      for (const problem of result.problems) note(problem)
    })
  })
}
