import type { Command } from 'commander'
import { QueueResult } from '#shared/contract/learning.ts'
import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { wholeUpTo } from '../option-values.ts'
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
  count: number
  traces: number
  annotator?: string
  model?: string
  json?: boolean
}

/** Adds `cairn models queue`. */
export function addModelsQueue(models: Command): void {
  const command = models
    .command('queue')
    .summary('the steps to label next')
    .option('-n, --count <n>', 'how many steps, 1 to 500', wholeUpTo(500), 20)
    .option('--traces <n>', 'look at so many traces at most, evenly drawn; 1 to 5000', wholeUpTo(5000), 60)
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
    count: wanted,
    traces,
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
