import { basename } from 'node:path'
import { Option, type Command } from 'commander'
import type { Device } from '#shared/contract/classify.ts'
import type { TraceDetail } from '#shared/contract/traces.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { graphJson } from '#shared/domain/graph/json.ts'
import { measure, type Measures } from '#shared/domain/graph/measures.ts'
import type { Method } from '#shared/domain/graph/types.ts'
import { createOffsetConverter, type OffsetUnit } from '#shared/domain/offsets.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { shownBehaviours } from '#shared/domain/graph/shown.ts'
import { addImportOptions, type ImportFlags } from '../import-options.ts'
import { classifyRollouts, everyTrace, exitOnRejects, importRollouts } from '../rollouts.ts'
import { withTemporaryWorkspace } from '../session.ts'
import { csv, decimal, percent, print, table } from '../terminal.ts'
import { addClassifyOptions } from './classify.ts'
import { graphEvalCommand } from './graph-eval.ts'

interface GraphFlags extends ImportFlags {
  json?: boolean
  csv?: boolean
  offsets: OffsetUnit
  device?: Device
  model?: string
}

const HELP = `
Prints the reasoning graph of every trace: what continues what, where a turn returns to, what a check
verifies, which branches the answer rests on. Search logs, Countdown attempts, explicit parallel branches
and tree-of-thought lines are read off the text (method "exact"), thought-anchors dependencies are taken
over ("imported"), everything else is inferred from the predicted behaviours and the wording ("inferred").
FILES are whatever "cairn import" reads; nothing is kept.

--json prints one line a trace, in the order of the files:
  {"trace", "run", "sample", "source", "row", "offset_unit", "method",
   "nodes": [{"id", "parent", "start", "end", "kind", "label", "state"?, "fate", "count"?, "flags"?}],
   "edges": [{"from", "to", "type", "confidence", "steps"?}], "measures": {…}}
  trace    the record's own identifier, else <file>:<row>
  start    first character of a node's text in the response; end is behind its last. Both count Unicode
           code points, as Python does; --offsets chooses another unit
  kind     problem, node, leaf, attempt, operation, episode, check, subgoal, path, case, chunk, loop
  state    search logs: node (as 0,1,2), target, numbers that remain, operation, value, claimed; Countdown:
           also equations, each recomputed
  fate     answer, refuted, abandoned, superseded, open
  flags    nonexistent (moved to, never made), redefined, orphan, wrong_arithmetic, unavailable_numbers
  type     continues (parent to child), returns_to (turn to return point), verifies (check to what it
           checks), part_of (episode to its subgoal); steps are the two steps, -1 the problem

Without --json a summary per run; --csv prints the measures, one trace a line.

Examples:
  cairn graph rollouts.jsonl --json > graphs.jsonl
  cairn graph runs/*/eval_samples.jsonl --csv > measures.csv
  cairn graph eval --labels dev.jsonl --json`

export function graphCommand(program: Command): void {
  const command = program
    .command('graph')
    .summary('reasoning graphs of rollout files: branches, returns, checks, dead ends')
    .argument('<files...>', 'rollout files, folders or archives; "-" for standard input')
    .option('--json', 'print one graph a line')
    .option('--csv', 'print the measures as CSV')
    .addOption(
      new Option('--offsets <unit>', 'unit of start and end')
        .choices(['code_points', 'utf16', 'utf8_bytes'])
        .default('code_points'),
    )
    .addHelpText('after', HELP)
  addImportOptions(command)
  addClassifyOptions(command)
  command.action(printGraphs)
  graphEvalCommand(command)
}

async function printGraphs(files: string[], flags: GraphFlags): Promise<void> {
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    await classifyRollouts(client, flags)
    const summary: { run: string; method: Method; measures: Measures }[] = []
    let headed = false
    for await (const trace of everyTrace(client, 'Drawing graphs')) {
      const { line, method, measures } = graphOf(trace, flags.offsets)
      if (flags.json) print(JSON.stringify(line))
      else if (flags.csv) {
        if (!headed)
          print(
            Object.keys(flat(measures)).reduce((head, key) => `${head},${key}`, 'trace,run,sample,method'),
          )
        headed = true
        const { trace: name, run, sample } = line
        print(csv([], [[name, run, sample, method, ...Object.values(flat(measures))]]).trimStart())
      } else summary.push({ run: trace.row.run, method, measures })
    }
    if (!flags.json && !flags.csv) print(summaryTable(summary))
    exitOnRejects(report, flags)
  })
}

function graphOf(
  { row, response, prediction, bounds, metadata, sourceName, place }: TraceDetail,
  unit: OffsetUnit,
) {
  const steps = bounds ?? segment(response)
  const shown = shownBehaviours(steps.length / 2, prediction)
  const graph = buildGraph({ text: response, bounds: steps, shown, prompt: row.prompt, metadata })
  const measures = measure(graph, response, steps, shown)
  const line = {
    trace: row.key ?? `${basename(sourceName)}:${place.row}`,
    run: row.run,
    sample: row.sample,
    source: sourceName,
    row: place.row,
    offset_unit: unit,
    ...graphJson(graph, measures, createOffsetConverter(response, unit)),
  }
  return { line, method: graph.method, measures }
}

/** Measures with nested ones under `name_inner`. */
function flat(measures: Measures): Record<string, number | null> {
  const entries: [string, number | null][] = []
  for (const [key, value] of Object.entries(measures) as [string, number | null | Record<string, number>][]) {
    if (typeof value === 'object' && value !== null) {
      for (const [inner, number] of Object.entries(value)) entries.push([`${key}_${inner}`, number])
    } else entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

function summaryTable(rows: readonly { run: string; method: Method; measures: Measures }[]): string {
  const groups = Map.groupBy(rows, ({ run, method }) => `${run}\n${method}`)
  const mean = (
    list: readonly { measures: Measures }[],
    key: 'nodes' | 'depth' | 'branching' | 'dead_ends' | 'loops' | 'abandoned_share',
  ) => list.reduce((sum, { measures }) => sum + measures[key], 0) / list.length
  return table(
    ['run', 'method', 'traces', 'nodes', 'depth', 'branching', 'dead ends', 'left', 'loops'],
    [...groups.values()].map((list) => [
      list[0]!.run,
      list[0]!.method,
      list.length,
      ...(['nodes', 'depth', 'branching', 'dead_ends'] as const).map((key) => decimal(mean(list, key))),
      percent(mean(list, 'abandoned_share')),
      decimal(mean(list, 'loops')),
    ]),
  )
}
