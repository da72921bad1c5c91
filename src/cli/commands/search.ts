import type { Command } from 'commander'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { parseNumber } from '../option-values.ts'
import { withWorkspace } from '../session.ts'
import { paint, print } from '../terminal.ts'
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
Examples:
  cairn search "double check"
  cairn search wait NOT alternatively --incorrect
  cairn search 'backtrack*' --json | jq .id`,
    )
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (words: string[], flags: Flags) => {
    // A word that the shell passed with spaces in it was quoted there: a phrase.
    const query = words.map((word) => (/\s/.test(word) && !word.includes('"') ? `"${word}"` : word)).join(' ')
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const hits = await client.call('traces.search', {
        query,
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
      if (hits.length === 0) process.exitCode = 1
    })
  })
}
