import { Option, type Command } from 'commander'
import type { Device } from '#shared/contract/classify.ts'
import { GRAPH_FORMATS, writeGraph, type GraphFormat } from '#shared/domain/graph/formats/index.ts'
import type { Measures } from '#shared/domain/graph/measures.ts'
import type { Method } from '#shared/domain/graph/types.ts'
import { createOffsetConverter, type OffsetUnit } from '#shared/domain/offsets.ts'
import type { Direction } from '#shared/domain/graph/view/layout.ts'
import { TREE_LEVELS, type TreeLevel } from '#shared/domain/graph/view/outline.ts'
import { editJson, graphJson } from '#shared/domain/graph/json.ts'
import { editedGraphOf, graphOfTrace, nameOf, type GraphTrace } from '../graph-traces.ts'
import { addImportOptions, selectionOf, type ImportFlags } from '../import-options.ts'
import { addClassifyOptions } from '../model-options.ts'
import { classifyRollouts, everyTrace, exitOnRejects, importRollouts } from '../rollouts.ts'
import { withTemporaryWorkspace, withWorkspace } from '../session.ts'
import { count, csv, decimal, note, percent, print, table } from '../terminal.ts'
import { graphDocuments } from './graph-documents.ts'
import { graphEvalCommand } from './graph-eval.ts'
import { graphTargetsCommand } from './graph-targets.ts'

interface GraphFlags extends ImportFlags {
  workspace?: string
  json?: boolean
  format?: GraphFormat
  out?: string
  level: TreeLevel
  direction: Direction
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
FILES are whatever "cairn import" reads; nothing is kept. With --workspace in their place, the graphs are those
of its traces: after people's labels, and as people edited them; --run and --checkpoint then select traces.

--json prints one line a trace, in the order of the files:
  {"trace", "run", "sample", "source", "row", "offset_unit", "method",
   "nodes": [{"id", "parent", "start", "end", "kind", "label", "state"?, "fate", "count"?, "flags"?}],
   "edges": [{"from", "to", "type", "confidence", "steps"?}], "measures": {…},
   "edits"?: [{"change", "annotator", "at"}]}
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
  edits    what people changed, in the order they did; nodes are named by number and text as inferred

--format writes each graph as svg, json, graphml or dot (Graphviz); the same input gives the same bytes.
One trace alone is printed, several need --out FOLDER, a file each.

Without --json a summary per run; --csv prints the measures, one trace a line.

Examples:
  cairn graph rollouts.jsonl --json > graphs.jsonl
  cairn graph runs/*/eval_samples.jsonl --csv > measures.csv
  cairn graph rollouts.jsonl --format svg --out trees/
  cairn graph --workspace study --json > edited.jsonl
  cairn graph targets --workspace study > targets.jsonl
  cairn graph eval --labels dev.jsonl --json`

export function graphCommand(program: Command): void {
  const command = program
    .command('graph')
    .summary('reasoning graphs of rollout files: branches, returns, checks, dead ends')
    .argument('[files...]', 'rollout files, folders or archives; "-" for standard input')
    .option(
      '-w, --workspace <dir>',
      'the traces of a workspace, with its labels and edits, in place of files',
    )
    .option('--json', 'print one graph a line')
    .option('--csv', 'print the measures as CSV')
    .addOption(
      new Option('--format <format>', 'write each graph as a document of its own').choices([
        ...GRAPH_FORMATS,
      ]),
    )
    .option('--out <folder>', 'where documents go; one alone is printed')
    .addOption(
      new Option('--level <level>', 'detail of an SVG').choices([...TREE_LEVELS]).default('episodes'),
    )
    .addOption(
      new Option('--direction <direction>', 'growth of an SVG').choices(['down', 'right']).default('down'),
    )
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
  graphTargetsCommand(command)
}

async function printGraphs(files: string[], flags: GraphFlags, command: Command): Promise<void> {
  if (flags.workspace !== undefined) {
    if (files.length > 0) command.error('error: give either files or --workspace, not both')
    return printWorkspace(flags.workspace, flags)
  }
  if (files.length === 0) command.error('error: give files, or --workspace with the folder of a workspace')
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    await classifyRollouts(client, flags)
    const output = createOutput(flags)
    for await (const trace of everyTrace(client, 'Drawing graphs')) output.add(graphOfTrace(trace))
    output.finish()
    exitOnRejects(report, flags)
  })
}

async function printWorkspace(workspace: string, flags: GraphFlags): Promise<void> {
  const selected = selectionOf(flags)
  await withWorkspace(workspace, { create: false }, async ({ client }) => {
    const output = createOutput(flags)
    let bare = 0
    for await (const trace of everyTrace(client, 'Drawing graphs', selected)) {
      if (trace.prediction === null && trace.row.annotations === 0) bare++
      output.add(await editedGraphOf(client, trace))
    }
    output.finish()
    if (bare > 0)
      note(`${count(bare)} traces are neither classified nor labelled: wording alone made their graphs`)
  })
}

/** Prints graphs in the way that was asked for. */
function createOutput(flags: GraphFlags) {
  const summary: { run: string; method: Method; measures: Measures }[] = []
  let headed = false
  const documents = flags.format === undefined ? null : graphDocuments(flags.format, flags.out)
  return {
    add(built: GraphTrace): void {
      const { trace, graph, measures } = built
      if (documents !== null) documents.add(documentOf(built, flags))
      else if (flags.json) print(JSON.stringify(lineOf(built, flags.offsets)))
      else if (flags.csv) {
        if (!headed)
          print(
            Object.keys(flat(measures)).reduce((head, key) => `${head},${key}`, 'trace,run,sample,method'),
          )
        headed = true
        const { run, sample } = trace.row
        print(
          csv([], [[nameOf(trace), run, sample, graph.method, ...Object.values(flat(measures))]]).trimStart(),
        )
      } else summary.push({ run: trace.row.run, method: graph.method, measures })
    },
    finish(): void {
      documents?.finish()
      if (!flags.json && !flags.csv && documents === null) print(summaryTable(summary))
    },
  }
}

/** One trace's graph as a document, and what to call it. */
function documentOf(built: GraphTrace, { format, offsets, level, direction }: GraphFlags) {
  const name = nameOf(built.trace)
  const { response: text } = built.trace
  const options = { level, direction, folded: new Set<string>() }
  return { name, text: writeGraph(format!, { ...built, text, trace: name }, offsets, options) }
}

function lineOf({ trace, graph, measures, edits }: GraphTrace, unit: OffsetUnit) {
  const { row, response, sourceName, place } = trace
  const offsets = createOffsetConverter(response, unit)
  return {
    trace: nameOf(trace),
    run: row.run,
    sample: row.sample,
    source: sourceName,
    row: place.row,
    offset_unit: unit,
    ...graphJson(graph, measures, offsets),
    ...(edits.length === 0 ? {} : { edits: edits.map((edit) => editJson(edit, offsets)) }),
  }
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
