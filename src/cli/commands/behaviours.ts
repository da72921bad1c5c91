import type { Command } from 'commander'
import type { UnreadTraces } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'
import { thresholdOf, type OwnBehaviour } from '#shared/contract/own.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { noteUnread } from '../model-run.ts'
import { findOwn } from '../own-behaviour.ts'
import { follow, withWorkspace, type Session } from '../session.ts'
import { count, note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'
import { trainCommand } from './train.ts'

const HELP = `
A behaviour of your own is labelled in the window (Trace, "Your behaviours"). From 20 examples on a small head learns it
from the features of cairn-accurate, in seconds; its F1 is of traces that were left out. It is kept in the workspace's
folder "behaviours" as ONNX. Steps of labelled traces without a label of the behaviour count as not showing it.

Wherever traces are chosen, its name stands beside the four: --min "units check=2". Exports have it as
own_annotations and own_predictions, "cairn stats" as columns.

Examples:
  cairn behaviours train "units check" -w study
  cairn behaviours classify "units check" -w study
  cairn behaviours threshold "units check" --set 0.4 -w study
  cairn stats -w study --min "units check=1"
  cairn behaviours counts "units check" -w study --json`

interface Flags extends FilterFlags {
  workspace: string
  json?: boolean
  limit?: string
  description?: string
  set?: string
}

/** Adds `cairn behaviours`. */
export function behavioursCommand(program: Command): void {
  const group = program.command('behaviours').summary('behaviours of your own').addHelpText('after', HELP)
  const add = (
    name: string,
    summary: string,
    run: (session: Session, given: string, flags: Flags) => Promise<void>,
  ) => {
    const command = group
      .command(name)
      .summary(summary)
      .argument('<name>', 'the behaviour')
      .option('--json', 'print JSON')
    addWorkspaceOption(command)
    command.action((given: string, flags: Flags) =>
      withWorkspace(flags.workspace, { create: false }, (session) => run(session, given, flags)),
    )
    return command
  }
  const listing = group.command('list').summary('those of a workspace').option('--json', 'print JSON')
  addWorkspaceOption(listing)
  listing.action(({ workspace, json }: Flags) =>
    withWorkspace(workspace, { create: false }, async ({ client }) => {
      const all = await client.call('own.list', {})
      print(json ? JSON.stringify(all, null, 2) : listOf(all))
    }),
  )
  add('create', 'make one', async ({ client }, name, { json, description = '' }) => {
    const made = await client.call('own.create', { name, description })
    if (json) print(JSON.stringify(made, null, 2))
    else note(`${made.name} can be labelled now.`)
  }).option('--description <text>', 'what it is')
  trainCommand(group)
  const classify = add('classify', 'look for it in traces', async (session, name, { json, ...flags }) => {
    const { id } = await findOwn(session.client, name)
    const filter = await toFilter(flags, session.client)
    const job = await session.client.call('own.classify', { behaviour: id, filter })
    const result = (await follow(session.client, job, 'Looking')).result as unknown as {
      traces: number
      found: number
      failures: UnreadTraces[]
    }
    noteUnread(result)
    if (json) print(JSON.stringify(result, null, 2))
    else note(`${count(result.found)} steps in ${count(result.traces)} traces show it.`)
  })
  addFilterOptions(classify)
  add('threshold', 'from which probability on it counts', async (session, name, { json, set }) => {
    const { id } = await findOwn(session.client, name)
    if (set !== undefined) {
      const threshold = set === 'learnt' ? null : Number(set)
      if (set.trim() === '' || (threshold !== null && !(threshold >= 0 && threshold <= 1)))
        throw new CairnError(
          'bad_request',
          `A threshold is a number from 0 to 1, or "learnt"; it is "${set}".`,
        )
      const job = await session.client.call('own.threshold', { behaviour: id, threshold })
      await follow(session.client, job, 'Recounting')
    }
    const { head, classified, found } = await findOwn(session.client, name)
    const threshold = head === null ? null : thresholdOf(head)
    if (json)
      print(
        JSON.stringify(
          { threshold, learnt: head?.threshold ?? null, traces: classified, steps: found },
          null,
          2,
        ),
      )
    else if (head === null) note(`${name} has no head yet: train it first.`)
    else
      print(
        `${name}: threshold ${threshold!.toFixed(4)}${head.chosen === null ? '' : ` (learnt ${head.threshold.toFixed(4)})`}; ${count(found)} steps show it, in the ${count(classified)} traces looked at.`,
      )
  }).option('--set <threshold>', 'count by it from now on: 0 to 1, or "learnt"')
  add('counts', 'how often it shows in each trace', async (session, name, { json, limit = '100' }) => {
    const { id } = await findOwn(session.client, name)
    const rows = await session.client.call('own.counts', { behaviour: id, limit: Number(limit) })
    if (json) return print(JSON.stringify(rows, null, 2))
    print(
      table(
        ['trace', 'run', 'steps', 'episodes'],
        rows.map(({ traceId, run, steps, episodes }) => [traceId, run, steps, episodes]),
      ),
    )
  }).option('--limit <n>', 'at most so many traces, most first', '100')
  add('remove', 'remove it with its labels', async (session, name) => {
    await session.client.call('own.remove', { behaviour: (await findOwn(session.client, name)).id })
    note(`${name} is removed.`)
  })
}

const listOf = (all: readonly OwnBehaviour[]): string =>
  table(
    ['behaviour', 'examples', 'F1', 'traces looked at', 'by an older head', 'steps found', 'description'],
    all.map(({ name, examples, head, classified, outdated, found, description }) => [
      ...[name, examples, head?.f1?.toFixed(2) ?? null, classified, outdated, found, description],
    ]),
  )
