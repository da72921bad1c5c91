import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CairnError } from '#shared/errors.ts'
import { parseNumber } from '../option-values.ts'
import { withWorkspace, type Session } from '../session.ts'
import { count, note, paint, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags {
  workspace: string
  json?: boolean
  retry?: boolean
  mended?: string
  limit: number
}

export function rejectsCommand(program: Command): void {
  const command = program
    .command('rejects')
    .summary('list, export and retry records that could not be imported')
    .option(
      '--json',
      'every rejected record, one JSON object a line: id, file, line, row, offset, code, message, raw',
    )
    .option('--retry', 'read all of them again, as they are')
    .option('--mended <file>', 'read again the records of a file made by --json, with their mended "raw"')
    .option('-n, --limit <n>', 'list at most n', parseNumber, 50)
    .addHelpText(
      'after',
      `
Examples:
  cairn rejects
  cairn rejects --json > bad.jsonl      # mend the "raw" fields, then:
  cairn rejects --mended bad.jsonl`,
    )
  addWorkspaceOption(command)
  command.action(async (flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, async (session) => {
      if (flags.retry || flags.mended !== undefined) await retry(session, flags)
      else await list(session, flags)
    })
  })
}

async function list({ client }: Session, flags: Flags): Promise<void> {
  let after = 0
  let shown = 0
  for (;;) {
    const limit = flags.json ? 1000 : Math.min(1000, flags.limit - shown)
    if (limit <= 0) break
    const page = await client.call('imports.rejects', { after, limit })
    if (page.length === 0) break
    after = page.at(-1)!.id
    shown += page.length
    for (const reject of page) {
      if (flags.json) print(JSON.stringify(reject))
      else {
        const place = reject.line === null ? `row ${reject.row}` : `line ${reject.line}`
        const at = reject.offset === null ? place : `${place}, byte ${reject.offset}`
        print(
          `${paint('cyan', String(reject.id).padStart(5))}  ${reject.file} ${at}  ${paint('yellow', reject.code)}  ${reject.message}`,
        )
      }
    }
  }
  if (shown === 0) note('No rejected records.')
}

async function retry({ client }: Session, flags: Flags): Promise<void> {
  const replacements = flags.mended === undefined ? [] : readMended(flags.mended)
  const result = await client.call('imports.retry', { replacements })
  if (flags.json) print(JSON.stringify(result))
  else
    note(
      `${count(result.read)} read = ${count(result.imported)} imported + ${count(result.duplicates)} duplicates + ${count(result.rejected)} rejected again`,
    )
}

function readMended(path: string): { id: number; text: string }[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CairnError('input_unreadable', `${path} cannot be read: ${(cause as Error).message}.`, { path })
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const problem = new CairnError(
        'bad_request',
        `${path}:${index + 1} is not a line of "cairn rejects --json".`,
        { path },
      )
      let row: unknown
      try {
        row = JSON.parse(line)
      } catch {
        throw problem
      }
      const { id, raw } = (row ?? {}) as { id?: unknown; raw?: unknown }
      if (typeof id !== 'number' || typeof raw !== 'string') throw problem
      return { id, text: raw }
    })
}
