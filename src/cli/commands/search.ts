import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { parseNumber } from '../option-values.ts'
import { toQuery } from '../search-query.ts'
import { withWorkspace } from '../session.ts'
import { note, paint, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags extends FilterFlags {
  workspace: string
  limit: number
  json?: boolean
}

export function searchCommand(program: Command): void {
  const command = program
    .command('search')
    .summary('full-text search over prompts and responses')
    .argument('<query...>', 'words (all must occur), "phrases", prefix*, AND, OR, NOT')
    .option('-n, --limit <n>', 'at most n hits', parseNumber, 20)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
What the shell quotes is a phrase, unless AND, OR, NOT or prefix* stand in it. Without a hit the exit code is 1.

Examples:
  cairn search "double check"
  cairn search 'wait OR alternatively'
  cairn search wait NOT alternatively --incorrect
  cairn search 'backtrack*' --json | jq .id`,
    )
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (words: string[], flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const hits = await client.call('traces.search', {
        query: toQuery(words),
        filter: await toFilter(flags, client),
        limit: flags.limit,
      })
      for (const hit of hits) {
        if (flags.json) {
          print(JSON.stringify(hit))
          continue
        }
        let shown = ''
        let last = 0
        for (const [start, end] of hit.marks) {
          shown += hit.snippet.slice(last, start) + paint(['bold', 'yellow'], hit.snippet.slice(start, end))
          last = end
        }
        shown += hit.snippet.slice(last)
        print(
          `${paint('cyan', String(hit.id).padStart(6))}  ${paint('dim', hit.run)}  ${shown.replace(/\s+/g, ' ')}`,
        )
      }
      if (hits.length > 0) return
      note('No hits.')
      process.exitCode = EXIT.failed
    })
  })
}
