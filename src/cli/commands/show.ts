import { InvalidArgumentError, type Command } from 'commander'
import { BEHAVIOURS, BEHAVIOUR_STYLE, type Behaviour } from '#shared/domain/behaviours.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { withLabels } from '#shared/domain/graph/labelled.ts'
import { shownBehaviours } from '#shared/domain/graph/shown.ts'
import { ownOfStep, type OwnOfTrace } from './show-own.ts'
import type { TraceDetail } from '#shared/contract/traces.ts'
import { withWorkspace } from '../session.ts'
import { decimal, paint, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

const COLOUR: Record<Behaviour, 'blue' | 'yellow' | 'green' | 'magenta'> = {
  verification: 'blue',
  backtracking: 'yellow',
  subgoal_setting: 'green',
  backward_chaining: 'magenta',
}

export function showCommand(program: Command): void {
  const command = program
    .command('show')
    .summary('print one trace with its behaviours')
    .argument('<id>', 'the trace, as "search" and the window number it', (text) => {
      const id = Number(text)
      if (!Number.isInteger(id) || id < 1) throw new InvalidArgumentError('give the number of a trace.')
      return id
    })
    .option('--json', 'print everything as JSON; offsets are UTF-16 code units')
    .addHelpText(
      'after',
      `
Each step stands on its own line behind its number and the letters of its behaviours: V verification,
B backtracking, S subgoal setting, C backward chaining; capitals of a person's label are underlined. Behaviours of your own follow
the text by name.`,
    )
  addWorkspaceOption(command)
  command.action(async (id: number, flags: { workspace: string; json?: boolean }) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const trace = await client.call('traces.get', { id })
      const annotations = await client.call('labels.list', { traceId: id })
      const own = {
        all: await client.call('own.list', {}),
        ...(await client.call('own.trace', { traceId: id })),
      }
      if (flags.json) print(JSON.stringify(toJson(trace, annotations, own), null, 2))
      else show(trace, annotations, own)
    })
  })
}

function toJson(trace: TraceDetail, annotations: readonly Annotation[], own: OwnOfTrace) {
  const { bounds, prediction, ...rest } = trace
  return {
    ...rest,
    offset_unit: 'utf16',
    steps: bounds === null ? null : pairs(bounds),
    prediction: prediction && {
      ...prediction,
      behaviours: BEHAVIOURS,
      probabilities: rows(prediction.probabilities),
    },
    annotations,
    own: {
      behaviours: own.all.map(({ id, name }) => ({ id, name })),
      annotations: own.labels,
      predictions: own.predictions.map((said) => ({ ...said, probabilities: [...said.probabilities] })),
    },
  }
}

function show(trace: TraceDetail, annotations: readonly Annotation[], own: OwnOfTrace): void {
  const { row, bounds, prediction, response, verdict } = trace
  const facts = [
    `trace ${row.id}`,
    row.run,
    row.checkpoint === null ? null : `checkpoint ${row.checkpoint}`,
    row.key,
    row.correct === null ? null : row.correct ? 'correct' : 'incorrect',
    `${row.length} characters`,
  ].filter((fact) => fact !== null)
  print(paint('bold', facts.join(' · ')))
  if (verdict !== null)
    print(
      `Cairn: ${verdict.outcome.replace('_', ' ')} (${verdict.checker}: ${verdict.reason})${verdict.extracted === null ? '' : `; answer ${verdict.extracted}`}`,
    )
  if (row.prompt !== '') print(`\n${paint('dim', row.prompt)}`)
  print()
  if (bounds === null) {
    print(response)
    print(paint('dim', '\nNot classified yet: run "cairn classify".'))
    return
  }
  const steps = bounds.length / 2
  const width = String(steps).length
  const labelled = withLabels(shownBehaviours(steps, null), bounds, annotations)
  const shown = withLabels(shownBehaviours(steps, prediction), bounds, annotations)
  pairs(bounds).forEach(([start, end], step) => {
    const of = (values: Uint8Array) =>
      BEHAVIOURS.filter((_, at) => values[step * BEHAVIOURS.length + at] === 1)
    const [people, all] = [of(labelled), of(shown)]
    const letters = BEHAVIOURS.map((behaviour) => {
      const letter = BEHAVIOUR_STYLE[behaviour].letter
      if (people.includes(behaviour)) return paint([COLOUR[behaviour], 'bold', 'underline'], letter)
      return all.includes(behaviour) ? paint(COLOUR[behaviour], letter) : ' '
    }).join('')
    const text = response.slice(start, end).replaceAll('\n', `\n${' '.repeat(width + 6)}`)
    const colour = people[0] ?? all[0]
    print(
      `${paint('dim', String(step + 1).padStart(width))} ${letters} ${colour === undefined ? text : paint(COLOUR[colour], text)}${ownOfStep(own, step, { start, end })}`,
    )
  })
  if (row.steps !== null && row.episodes !== null)
    print(
      `\n${BEHAVIOURS.map((b) => paint(COLOUR[b], `${BEHAVIOUR_STYLE[b].name} ${row.steps![b]} steps, ${row.episodes![b]} episodes`)).join(' · ')}`,
    )
  for (const { id, name } of own.all) {
    const counts = row.own[id]
    if (counts !== undefined) print(`${name} ${counts.steps} steps, ${counts.episodes} episodes`)
  }
  if (prediction !== null)
    print(
      paint(
        'dim',
        `predicted by ${prediction.model} ${prediction.version}, thresholds ${prediction.thresholds.map((t) => decimal(t)).join(' ')}`,
      ),
    )
}

function pairs(bounds: Uint32Array): [number, number][] {
  return Array.from({ length: bounds.length / 2 }, (_, step) => [bounds[2 * step]!, bounds[2 * step + 1]!])
}

function rows(probabilities: Float32Array): number[][] {
  return Array.from({ length: probabilities.length / BEHAVIOURS.length }, (_, step) =>
    Array.from(probabilities.subarray(step * BEHAVIOURS.length, (step + 1) * BEHAVIOURS.length)),
  )
}
