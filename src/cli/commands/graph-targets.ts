import { Option, type Command } from 'commander'
import type { FilterInput } from '#shared/contract/filter.ts'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { labelledSteps, peoplesTargets } from '#shared/domain/graph/people-targets.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { nameOf } from '../graph-traces.ts'
import { selectionOf, type ImportFlags } from '../import-options.ts'
import { optionsOfBoth } from '../options-above.ts'
import { everyTrace } from '../rollouts.ts'
import { withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'

const HELP = `
Prints a row for every trace of the workspace in which somebody moved a return point in the tree, or gave a
label a target:
  {"id", "source", "problem", "text", "steps": [[start, end], …],
   "annotations": [{"step", "behaviours", "verifies"?, "returns_to"?}, …]}
Only targets that people gave are there; the behaviours are the predicted ones as people corrected them.
--run and --checkpoint select traces.
"cairn graph eval" scores such rows, tools/train/graph trains on them. Offsets count Unicode code points.

Example:
  cairn graph targets --workspace study > targets.jsonl`

type Flags = { workspace?: string } & Pick<ImportFlags, 'run' | 'checkpoint'>

export function graphTargetsCommand(graph: Command): void {
  graph
    .command('targets')
    .summary("people's return points and checked steps as labelled rows, to train on")
    .addOption(new Option('-w, --workspace <dir>', 'folder of the workspace').env('CAIRN_WORKSPACE'))
    .addHelpText('after', HELP)
    .action((_flags: unknown, command: Command) => {
      // Rows are JSON as they are.
      const heeded = ['workspace', 'run', 'checkpoint', 'json']
      const { workspace, ...selection } = optionsOfBoth<Flags>(command, heeded)
      if (workspace === undefined)
        command.error("error: required option '-w, --workspace <dir>' not specified")
      return printTargets(workspace, selectionOf(selection))
    })
}

async function printTargets(workspace: string, selected: FilterInput): Promise<void> {
  await withWorkspace(workspace, { create: false }, async ({ client }) => {
    let [traces, targets] = [0, 0]
    for await (const trace of everyTrace(client, 'Reading edits', selected)) {
      const { row, response } = trace
      const { graph: packed, bounds, shown, edits } = await client.call('graphs.get', { traceId: row.id })
      const graph = unpackGraph(packed)
      const labels = row.annotations === 0 ? [] : await client.call('labels.list', { traceId: row.id })
      const people = peoplesTargets(graph, bounds, shown, edits, labels, response)
      const found = people.returns_to.size + people.verifies.size
      if (found === 0) continue
      traces++
      targets += found
      const offsets = createOffsetConverter(response, 'code_points')
      const at = Array.from(bounds, (offset) => offsets.fromUtf16(offset))
      const steps = Array.from({ length: at.length / 2 }, (_, step) => at.slice(step * 2, step * 2 + 2))
      const annotations = labelledSteps(shown, people)
      const [id, source, problem] = [nameOf(trace), row.run, row.prompt]
      print(JSON.stringify({ id, source, problem, text: response, steps, annotations }))
    }
    note(`${count(targets)} targets in ${count(traces)} traces`)
  })
}
