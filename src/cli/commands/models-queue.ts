import type { Command } from 'commander'
import { QueueResult } from '#shared/contract/learning.ts'
import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

const HELP = `
The steps that a label would teach most: those that the heads of cairn-accurate disagree about, one unlike the other,
never the same sentence twice and none that is labelled. The labels of the workspace count, as they do in
"cairn models adapt". In the window, "Label next" in a trace or in the Models view goes through them.

Example:
  cairn models queue -w study --count 20`

interface QueueFlags {
  workspace: string
  count: string
  traces: string
  annotator?: string
  model?: string
  json?: boolean
}

/** Adds `cairn models queue`. */
export function addModelsQueue(models: Command): void {
  const command = models
    .command('queue')
    .summary('the steps to label next')
    .option('-n, --count <n>', 'how many steps', '20')
    .option('--traces <n>', 'look at so many traces at most, evenly drawn', '60')
    .option('--annotator <name>', 'learn from this person’s labels only')
    .option('--model <id>', 'the model whose heads are asked', 'cairn-accurate')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  command.action(queue)
}

async function queue({
  workspace,
  count: wanted,
  traces,
  annotator,
  model,
  json,
}: QueueFlags): Promise<void> {
  const input = {
    count: wholeOf(wanted, '--count', 500),
    traces: wholeOf(traces, '--traces', 5000),
    annotator: annotator ?? null,
    ...(model !== undefined && { model }),
  }
  await withWorkspace(workspace, { create: false }, async ({ client }) => {
    const job = await client.call('learning.queue', input)
    const result = QueueResult.parse((await follow(client, job, 'Looking')).result)
    if (json) return print(JSON.stringify(result, null, 2))
    print(
      table(
        ['trace', 'step', 'bits', ...BEHAVIOURS.map((one) => BEHAVIOUR_STYLE[one].letter), 'sentence'],
        result.items.map(({ traceId, step, bits, probabilities, text }) => [
          traceId,
          step + 1,
          bits.toFixed(2),
          ...probabilities.map((p) => p.toFixed(2)),
          text.replace(/\s+/g, ' ').slice(0, 70),
        ]),
      ),
    )
    note(`Of ${count(result.steps)} steps in ${count(result.traces)} traces, asked of ${result.model}.`)
  })
}

function wholeOf(given: string, option: string, most: number): number {
  const number = Number(given)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new CairnError('bad_request', `${option} ${given} is no whole number from 1 to ${most}.`)
}
