import { Option, type Command } from 'commander'
import type { CountUnit } from '#shared/contract/common.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { withWorkspace } from '../session.ts'
import { print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'
import { statsCsv, statsTable } from './stats-output.ts'

interface Flags extends FilterFlags {
  workspace: string
  unit: CountUnit
  json?: boolean
  csv?: boolean
}

export function statsCommand(program: Command): void {
  const command = program
    .command('stats')
    .summary('behaviours, accuracy and length per run and checkpoint')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .addOption(
      new Option('--unit <unit>', 'count behaviours by steps, or by runs of neighbouring steps')
        .choices(['steps', 'episodes'])
        .default('steps'),
    )
    .addHelpText(
      'after',
      `
Examples:
  cairn stats
  cairn stats --run dpo --correct --unit episodes
  cairn stats --where "bucket.complexity=hard" --csv

Behaviours of your own ("cairn behaviours") have columns too: means over the traces that their heads have looked at.`,
    )
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const runs = await client.call('stats.runs', {
        filter: await toFilter(flags, client),
        unit: flags.unit,
      })
      if (flags.json) print(JSON.stringify({ runs }, null, 2))
      else {
        // Of one's own, those that some trace was looked at for.
        const own = (await client.call('own.list', {})).filter(({ classified }) => classified > 0)
        print(flags.csv ? statsCsv(runs, own) : statsTable(runs, flags.unit, own))
      }
    })
  })
}
