import { InvalidArgumentError, Option, type Command } from 'commander'
import { createAtomicFile, type AtomicFile } from '#engine/exporters/atomic.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import {
  DEFAULTS,
  generateCountdown,
  STYLES,
  type GenerateOptions,
  type GeneratedRow,
  type Style,
} from '#shared/domain/generate/index.ts'
import { CairnError } from '#shared/errors.ts'
import { createProgress } from '../progress.ts'
import { SIGNALS } from '../session.ts'
import { count, note, print } from '../terminal.ts'

interface Flags {
  count: number
  seed: string
  behaviours: Behaviour[][]
  style: Style[]
  numbers: number[]
  target: [number, number]
  incorrect?: boolean
  thought: GenerateOptions['thought']
  tags: GenerateOptions['tags']
  out: string
  force?: boolean
  json?: boolean
}

const HELP = `
Makes Countdown problems as the reference task does (3 or 4 numbers from 1 to 99, targets from 10 to 100, always
solvable in whole numbers), solves each by real search, and tells the search in words with exactly the behaviours
asked for: their labels, what each verification checks, where each backtracking returns to, and the search tree
come with the text. No model is involved. The same options and seed give the same bytes.

Rows have the form of labelled traces (offsets in code points), so that both of these read the file:
  cairn import synthetic.jsonl        the traces
  cairn labels import synthetic.jsonl the labels, afterwards

--behaviours takes sets: comma-separated names, "all" or "none". Several sets are used in turn. A set is a
promise: every trace shows each of its behaviours and no other.
--style dfs and best-first search forward; backward needs backward_chaining, subgoal needs subgoal_setting.

Examples:
  cairn generate countdown --count 1000 --seed 1 --out all.jsonl
  cairn generate countdown --behaviours backtracking backtracking,verification none --count 3000 --out sets.jsonl
  cairn generate countdown --incorrect --count 1000 --out incorrect.jsonl
  cairn generate countdown --behaviours none --thought filler --count 1000 --out dots.jsonl`

export function generateCommand(program: Command): void {
  const generate = program.command('generate').summary('write synthetic traces with known behaviours')
  generate
    .command('countdown')
    .summary('Countdown traces told from real search, with labels and trees')
    .option('--count <n>', 'traces to write', parseCount, 1000)
    .option('--seed <text>', 'what all choices follow from', '1')
    .addOption(
      new Option('--behaviours <sets...>', `sets of behaviours (${BEHAVIOURS.join(', ')}; all; none)`)
        .argParser(collect(parseBehaviours))
        .default([[...BEHAVIOURS]], 'all'),
    )
    .addOption(
      new Option('--style <styles>', `ways to search, comma-separated: ${STYLES.join(', ')}`)
        .argParser(parseStyles)
        .default([...STYLES], 'all'),
    )
    .addOption(
      new Option('--numbers <counts>', 'how many numbers a problem has, comma-separated')
        .argParser(parseNumbers)
        .default([3, 4], '3,4'),
    )
    .addOption(
      new Option('--target <a..b>', 'range of targets')
        .argParser(parseTarget)
        .default([...DEFAULTS.problems.target], '10..100'),
    )
    .option('--incorrect', 'end every trace with an equation that misses the target')
    .addOption(
      new Option('--thought <kind>', 'the reasoning, nothing, or dots of the same length')
        .choices(['full', 'empty', 'filler'])
        .default('full'),
    )
    .addOption(
      new Option('--tags <kind>', '<think> tags around the reasoning')
        .choices(['think', 'plain', 'mixed'])
        .default('think'),
    )
    .option('--out <file>', 'file to write; "-" is standard output', '-')
    .option('--force', 'replace the file when it exists')
    .option('--json', 'with --out: print the result as JSON')
    .addHelpText('after', HELP)
    .action(countdown)
}

async function countdown(flags: Flags): Promise<void> {
  const hollow = flags.thought !== 'full'
  if (hollow && flags.behaviours.some((set) => set.length > 0) && !isDefault(flags.behaviours))
    throw new CairnError(
      'bad_request',
      `A thought that is ${flags.thought} shows no behaviour; leave out --behaviours.`,
    )
  const options: GenerateOptions = {
    count: flags.count,
    seed: flags.seed,
    behaviours: hollow ? [[]] : flags.behaviours,
    styles: flags.style,
    problems: { ...DEFAULTS.problems, counts: flags.numbers, target: flags.target },
    incorrect: flags.incorrect ?? false,
    thought: flags.thought,
    tags: flags.tags,
  }
  const started = performance.now()
  const tally = createTally()
  if (flags.out === '-') await write(options, tally, async (text) => void process.stdout.write(text))
  else {
    const file = await createAtomicFile(flags.out, { overwrite: flags.force ?? false })
    await writeFile(file, options, tally)
  }
  const result = { ...tally.result(), seconds: Number(((performance.now() - started) / 1000).toFixed(1)) }
  if (flags.json && flags.out !== '-') print(JSON.stringify(result))
  else
    note(
      `${count(result.traces)} traces, ${count(result.steps)} steps in ${result.seconds} s${flags.out === '-' ? '' : `: ${flags.out}`}`,
    )
}

async function writeFile(file: AtomicFile, options: GenerateOptions, tally: Tally): Promise<void> {
  const encoder = new TextEncoder()
  try {
    await write(options, tally, (text) => file.write(encoder.encode(text)))
    await file.close()
    await file.commit()
  } catch (thrown) {
    await file.abort()
    throw thrown
  }
}

/** Rows handed on together. */
const PAGE = 200

/** @throws CairnError `cancelled` after a signal to end */
async function write(
  options: GenerateOptions,
  tally: Tally,
  put: (text: string) => Promise<void>,
): Promise<void> {
  const progress = createProgress('Writing')
  let stopped = false
  const stop = (): void => void (stopped = true)
  for (const signal of SIGNALS) process.once(signal, stop)
  try {
    let page: string[] = []
    const flush = async (): Promise<void> => {
      await put(page.join(''))
      page = []
      // Lets a signal in.
      await new Promise(setImmediate)
      if (stopped) throw new CairnError('cancelled', 'Stopped. No file was written.')
      const { traces } = tally.result()
      progress.show({ done: traces, total: options.count, unit: 'traces', traces, note: '' })
    }
    for (const row of generateCountdown(options)) {
      tally.add(row)
      page.push(`${JSON.stringify(row)}\n`)
      if (page.length >= PAGE) await flush()
    }
    await flush()
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop)
    progress.done()
  }
}

interface Tally {
  add(row: GeneratedRow): void
  result(): { traces: number; steps: number; correct: number; behaviours: Record<Behaviour, number> }
}

function createTally(): Tally {
  const behaviours = Object.fromEntries(BEHAVIOURS.map((name) => [name, 0])) as Record<Behaviour, number>
  let [traces, steps, correct] = [0, 0, 0]
  return {
    add(row) {
      traces++
      steps += row.steps.length
      if (row.correct) correct++
      for (const behaviour of row.annotations.flatMap((annotation) => annotation.behaviours))
        behaviours[behaviour]++
    },
    result: () => ({ traces, steps, correct, behaviours }),
  }
}

const isDefault = (sets: readonly Behaviour[][]): boolean =>
  sets.length === 1 && sets[0]!.length === BEHAVIOURS.length

function parseCount(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 10,000,000.')
  return value
}

function collect<T>(parse: (text: string) => T) {
  let given: T[] = []
  return (text: string): T[] => (given = [...given, parse(text)])
}

function parseBehaviours(text: string): Behaviour[] {
  if (text === 'all') return [...BEHAVIOURS]
  if (text === 'none') return []
  const names = new Set(text.split(',').map((name) => name.trim()))
  const unknown = [...names].find((name) => !(BEHAVIOURS as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`"${unknown}" is no behaviour; known are ${BEHAVIOURS.join(', ')}.`)
  return BEHAVIOURS.filter((behaviour) => names.has(behaviour))
}

function parseStyles(text: string): Style[] {
  return text.split(',').map((name) => {
    const style = STYLES.find((known) => known === name.trim())
    if (style === undefined)
      throw new InvalidArgumentError(`"${name}" is no style; known are ${STYLES.join(', ')}.`)
    return style
  })
}

function parseNumbers(text: string): number[] {
  const counts = text.split(',').map(Number)
  if (counts.some((value) => !Number.isInteger(value) || value < 2 || value > 5))
    throw new InvalidArgumentError('Expected counts from 2 to 5, such as 3,4.')
  return counts
}

function parseTarget(text: string): [number, number] {
  const [low, high] = text.split(/\.\.|-/).map(Number)
  if (!Number.isInteger(low) || !Number.isInteger(high) || low! < 1 || high! > 1000 || low! > high!)
    throw new InvalidArgumentError('Expected a range within 1..1000, such as 10..25.')
  return [low!, high!]
}
