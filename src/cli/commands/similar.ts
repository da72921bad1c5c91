import type { Command } from 'commander'
import type { SimilarSteps, StepGroups } from '#shared/contract/similar.ts'
import { CairnError } from '#shared/errors.ts'
import { toFilter } from '../filter-options.ts'
import { parseNumber } from '../option-values.ts'
import { addRunOptions, followRun, runFrom, type RunFlags } from '../model-run.ts'
import { withWorkspace, type Session } from '../session.ts'
import { count, note, paint, print } from '../terminal.ts'

const HELP = `
A model turns every step into a vector ("--make", resumable like any job), and steps are compared by the cosine of
their vectors: all of them, not a sample. Steps with the very same words are printed once, with how many of them are
nearer than any that is left out ("≥ n" where the nearest 20,000 hold no other words; texts are looked at no further).
A text of several steps is looked for by the mean direction of their vectors.
Without --model it is the model whose vectors were made last, at first cairn-accurate, the built-in encoder.

Steps are counted from 1, as "cairn show" prints them.

Examples:
  cairn similar --make                            vectors of every step
  cairn similar 17 4                              steps like the fourth of trace 17
  cairn similar --text "Wait, let me check that"  steps like a text
  cairn similar 17 4 --run dpo --elsewhere --json
  cairn similar --groups 12                       all steps in 12 groups of like ones`

interface Flags extends RunFlags {
  make?: boolean
  text?: string
  groups?: number
  seed: number
  elsewhere?: boolean
  limit: number
  json?: boolean
}

export function similarCommand(program: Command): void {
  const command = program
    .command('similar')
    .summary('find steps like a step or a sentence, or sort all into groups')
    .argument('[trace]', 'id of a trace', parseNumber)
    .argument('[step]', 'which of its steps', parseNumber)
    .option('--make', 'make the vectors of steps that have none yet')
    .option('--text <text>', 'find steps like this')
    .option('--groups <n>', 'sort the steps into n groups of like ones', parseNumber)
    .option('--seed <n>', 'of the groups', parseNumber, 1)
    .option('--elsewhere', 'leave the trace itself out')
    .option('-n, --limit <n>', 'at most n steps', parseNumber, 20)
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
  addRunOptions(command)
  command.action(similar)
}

async function similar(trace: number | undefined, step: number | undefined, flags: Flags): Promise<void> {
  const like =
    flags.text !== undefined
      ? { text: flags.text }
      : trace !== undefined && step !== undefined
        ? { traceId: trace, step: step - 1 }
        : null
  if (like === null && !flags.make && flags.groups === undefined)
    throw new CairnError(
      'bad_request',
      'Say what is looked for: a trace and a step, --text, or --groups; or --make the vectors first.',
    )
  const model = flags.model === undefined ? {} : { model: flags.model }
  await withWorkspace(flags.workspace, { create: false }, async (session) => {
    const { client } = session
    const filter = await toFilter(flags, client)
    if (flags.make) await make(session, flags)
    if (like !== null) {
      const { elsewhere = false, limit } = flags
      show(await client.call('similar.find', { ...model, like, filter, elsewhere, limit }), flags)
    } else if (flags.groups !== undefined) {
      const { groups, seed } = flags
      showGroups(await client.call('similar.groups', { ...model, filter, groups, seed }), flags)
    }
  })
}

async function make({ client }: Session, flags: Flags): Promise<void> {
  await followRun(client, await client.call('similar.start', await runFrom(flags, client)), {
    label: 'Making vectors',
    words: ({ steps }) => `${count(steps)} steps have vectors now`,
  })
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

function show(found: SimilarSteps, { json }: Flags): void {
  const { steps, compared, milliseconds, atLeast, model, text } = found
  if (json) return print(JSON.stringify({ model, text, compared, milliseconds, atLeast, steps }, null, 2))
  for (const one of steps)
    print(
      [
        one.similarity.toFixed(3),
        paint('cyan', `${String(one.traceId).padStart(6)} ${String(one.step + 1).padStart(4)}`),
        paint('dim', one.run),
        oneLine(one.text) + (one.same > 1 ? paint('dim', ` × ${atLeast ? '≥ ' : ''}${count(one.same)}`) : ''),
      ].join('  '),
    )
  note(
    `like "${oneLine(text)}": ${count(compared)} steps compared in ${milliseconds.toFixed(0)} ms, ${model}`,
  )
  if (steps.length === 0) process.exitCode = 1
}

function showGroups(found: StepGroups, { json }: Flags): void {
  if (json) return print(JSON.stringify(found, null, 2))
  for (const { steps, closeness, examples } of found.groups) {
    print(`${paint('bold', `${count(steps)} steps`)}  ${paint('dim', `closeness ${closeness.toFixed(2)}`)}`)
    for (const one of examples)
      print(`  ${paint('cyan', `${one.traceId} ${one.step + 1}`.padStart(10))}  ${oneLine(one.text)}`)
  }
  note(`${count(found.steps)} steps in ${found.groups.length} groups, ${found.model}`)
}
