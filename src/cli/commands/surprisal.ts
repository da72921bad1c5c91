import type { Command } from 'commander'
import type { TraceSurprisal } from '#shared/contract/surprisal.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { meanOf, meanPerStep } from '#shared/domain/surprisal/per-step.ts'
import { parseNumber } from '../option-values.ts'
import { addRunOptions, followRun, runFrom, type RunFlags } from '../model-run.ts'
import { withWorkspace, type Session } from '../session.ts'
import { count, note, print, table } from '../terminal.ts'

const HELP = `
A causal language model of the workspace ("cairn models add FOLDER") reads prompt and response and says of every token
of the response how surprising it is (−log2 of its probability) and how open it was what comes next (entropy), in bits.
Only traces that it has not scored yet are scored; Ctrl+C keeps what is done.

With --trace the steps of a trace are printed with their means; with --json its tokens, offsets in UTF-16.

Examples:
  cairn surprisal                       score every trace
  cairn surprisal --run dpo --model tiny-lm
  cairn surprisal --trace 17            how surprising its steps are`

interface Flags extends RunFlags {
  trace?: number
  json?: boolean
}

export function surprisalCommand(program: Command): void {
  const command = program
    .command('surprisal')
    .summary('how surprising each token is to a language model')
    .option('--trace <id>', 'print what is known of a trace', parseNumber)
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
  addRunOptions(command)
  command.action(async (flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, (session) =>
      flags.trace === undefined ? score(session, flags) : show(session, flags.trace, flags),
    )
  })
}

async function score({ client }: Session, flags: Flags): Promise<void> {
  await followRun(client, await client.call('surprisal.start', await runFrom(flags, client)), {
    label: 'Scoring',
    json: flags.json,
    words: ({ tokens }) => `${count(tokens)} tokens scored`,
  })
}

async function show({ client }: Session, traceId: number, { model, json }: Flags): Promise<void> {
  const found = await client.call('surprisal.get', { traceId, ...(model !== undefined && { model }) })
  if (found === null) {
    note(`Trace ${traceId} is not scored yet; "cairn surprisal" does it.`)
    process.exitCode = 1
    return
  }
  const { response } = await client.call('traces.get', { id: traceId })
  if (json) return print(JSON.stringify(tokensOf(found, response), null, 2))
  const bounds = segment(response)
  const [surprisal, entropy] = [found.surprisal, found.entropy].map((one) => meanPerStep(found, one, bounds))
  const bits = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(2))
  print(
    table(
      ['step', 'surprisal', 'entropy', 'text'],
      Array.from({ length: bounds.length / 2 }, (_, step) => [
        String(step + 1),
        bits(surprisal![step]!),
        bits(entropy![step]!),
        response
          .slice(bounds[step * 2], bounds[step * 2 + 1])
          .replace(/\s+/g, ' ')
          .slice(0, 100),
      ]),
    ),
  )
  note(
    `${found.model} ${found.version}: ${count(found.ends.length)} tokens, mean surprisal ${bits(meanOf(found.surprisal))} bits, mean entropy ${bits(meanOf(found.entropy))} bits`,
  )
}

function tokensOf({ model, version, ends, surprisal, entropy }: TraceSurprisal, response: string) {
  const known = (value: number) => (Number.isNaN(value) ? null : value)
  return {
    model,
    version,
    tokens: Array.from(ends, (end, at) => {
      const start = at === 0 ? 0 : ends[at - 1]!
      const text = response.slice(start, end)
      return { start, end, text, surprisal: known(surprisal[at]!), entropy: known(entropy[at]!) }
    }),
  }
}
