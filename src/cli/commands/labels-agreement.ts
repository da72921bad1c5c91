import type { Command } from 'commander'
import type { AnnotatorAgreement, LabelDifference } from '#shared/contract/agreement.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { collect, wholeUpTo } from '../option-values.ts'
import { passageLines } from '../passage-lines.ts'
import { createProgress } from '../progress.ts'
import { withWorkspace } from '../session.ts'
import { count, decimal, note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

const HELP = `
Several people label the same traces, each in a workspace of their own or here under their own names; "cairn labels
import" brings their labels together. Compared are steps that at least two of them have judged: who says that a step
shows a behaviour has judged it for all four, who denies one for that one. People who mark only what they see judge
nothing else: for them --throughout counts every step of a trace that both have labelled, where no label is a no.

α is Krippendorff's, of everybody: any number of people, who need not all have judged every step. κ is Cohen's, of each
two. Both are 1 where all say the same and 0 where they agree as often as by chance; "–" is undefined, as where nobody
ever says yes. 95 % intervals: whole traces drawn anew, 1,000 times.

JSON: {"people": [{"annotator", "traces", "labels"}], "traces", "steps", "behaviours": {"verification": {"steps", "differ",
"alpha", "interval"}, …}, "pairs": [{"between": [first, second], "traces", "steps", "behaviours": {"verification": {"both",
"first", "second", "neither", "kappa", "interval"}, …}}]}; null where a figure is undefined. With --differences also
"differences": [{"traceId", "run", "behaviour", "start", "end", "before", "text", "after", "said": [{"annotator",
"verdict"}], "last": {"annotator", "verdict"}}], start and end in UTF-16 code units; last is whose verdict counts.

Read agreement before differences are settled: whoever settles them changes it, unless under a name of their own, which
--annotator then leaves out. In the window, Models, People goes through the differences with Y and N. Of what people
say of a step the newest verdict counts, for learning and measuring.

Examples:
  cairn labels import ann.jsonl -w study && cairn labels import bob.jsonl -w study
  cairn labels agreement -w study
  cairn labels agreement -w study --annotator Ann --annotator Bob --throughout
  cairn labels agreement -w study --differences 20
  cairn labels agreement -w study --json | jq .behaviours.backtracking.alpha`

interface Flags extends FilterFlags {
  workspace: string
  annotator?: string[]
  throughout?: boolean
  differences?: number
  json?: boolean
}

/** Adds `cairn labels agreement`. */
export function addLabelsAgreement(labels: Command): void {
  const command = labels
    .command('agreement')
    .summary('how far annotators agree: Krippendorff’s α, Cohen’s κ, and where they differ')
    .option('--annotator <name>', 'only this person, and others named so (repeat)', collect, undefined)
    .option('--throughout', 'every step of a trace that both have labelled counts')
    .option(
      '--differences <n>',
      'also print the first n steps on which they differ, 1 to 500',
      wholeUpTo(500),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(compare)
}

async function compare({ workspace, annotator, throughout, differences, json, ...flags }: Flags) {
  const names = annotator && [...new Set(annotator)]
  if (names?.length === 1)
    throw new CairnError('bad_request', '--annotator names one person: agreement takes two or more of it.')
  await withWorkspace(workspace, { create: false }, async ({ client }) => {
    const filter = await toFilter(flags, client)
    const among = { filter, judged: throughout !== true, ...(names && { annotators: names }) }
    const progress = createProgress('Comparing')
    const stop = client.on('labels.comparing', ({ done, total }) =>
      progress.show({ done, total, unit: 'traces', traces: done, note: '' }),
    )
    const { people: all, ...rest } = await client.call('labels.agreement', among).finally(() => {
      stop()
      progress.done()
    })
    const people = all.filter(({ annotator: name }) => names?.includes(name) !== false)
    if (people.length < 2) throw tooFew(people[0]?.annotator, filter, workspace)
    const agreement = { people, ...rest }
    const found =
      differences === undefined
        ? undefined
        : await client.call('labels.differences', { ...among, limit: differences })
    if (json) {
      // Nobody asks for themselves here, so of nothing it is known what they would call true.
      const told = found?.map(({ truth: _, ...difference }) => difference)
      return print(JSON.stringify({ ...agreement, ...(told && { differences: told }) }, null, 2))
    }
    if (agreement.traces === 0)
      note(
        `No step was judged by two people.${throughout ? '' : ' --throughout counts every step of traces that both have labelled.'}`,
      )
    print([report(agreement), ...(found ?? []).map(readDifference)].join('\n\n'))
  })
}

function tooFew(only: string | undefined, filter: FilterInput, workspace: string): CairnError {
  const who = only === undefined ? 'Nobody' : `Only ${only}`
  const takesTwo = 'agreement takes two people.'
  return new CairnError(
    'not_found',
    Object.keys(filter).length > 0
      ? `${who} has labelled any of these traces: ${takesTwo} Choose others, or leave the filter out.`
      : `${who} has labelled anything here: ${takesTwo} "cairn labels import FILE -w ${workspace}" brings another person's labels in, as "cairn export -f annotations" writes them.`,
  )
}

function report({ people, traces, steps, behaviours, pairs }: AnnotatorAgreement): string {
  const all = table(
    ['behaviour', 'steps', 'differ', 'α', '95 %'],
    BEHAVIOURS.map((behaviour) => {
      const { steps: judged, differ, alpha, interval } = behaviours[behaviour]
      return [BEHAVIOUR_STYLE[behaviour].name, judged, differ, decimal(alpha), within(interval)]
    }),
  )
  const each = table(
    ['first', 'second', 'behaviour', 'both', 'only first', 'only second', 'neither', 'κ', '95 %'],
    pairs.flatMap(({ between, behaviours: own }) =>
      BEHAVIOURS.map((behaviour) => {
        const { both, first, second, neither, kappa, interval } = own[behaviour]
        const name = BEHAVIOUR_STYLE[behaviour].name
        return [...between, name, both, first, second, neither, decimal(kappa), within(interval)]
      }),
    ),
  )
  return [
    people.map(({ annotator, traces: own }) => `${annotator} (${count(own)} traces)`).join(', '),
    `${count(traces)} traces and ${count(steps)} steps that at least two have judged`,
    all,
    ...(pairs.length > 0 ? [each] : []),
  ].join('\n\n')
}

function readDifference({ behaviour, run, traceId, said, last, ...passage }: LabelDifference): string {
  const who = said.map(({ annotator, verdict }) => `${annotator} ${verdict === 'present' ? 'yes' : 'no'}`)
  return [
    `${BEHAVIOUR_STYLE[behaviour].name}: ${who.join(', ')}; last word ${last?.annotator ?? 'of nobody'} (${run}, trace ${traceId})`,
    ...passageLines(passage),
  ].join('\n')
}

const within = (interval: readonly [number, number] | null) =>
  interval === null ? '–' : interval.map(decimal).join('–')
