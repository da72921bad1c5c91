import type { Command } from 'commander'
import type { ApiOutput } from '#shared/contract/index.ts'
import { BEHAVIOUR_STYLE, BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'
import { EXIT } from '../exit-codes.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { parseNumber } from '../option-values.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface JudgeFlags extends FilterFlags {
  workspace: string
  url?: string
  model: string
  behaviours?: string
  concurrency: number
  sample?: number
  seed: number
  json?: boolean
}

type Agreement = ApiOutput<'judge.agreement'>

export function judgeCommand(program: Command): void {
  const command = program
    .command('judge')
    .summary('have a language model of yours count behaviours, to compare with')
    .requiredOption('-m, --model <name>', 'the model, as its server calls it')
    .option('--url <address>', 'its server, such as http://localhost:8000/v1; without it, only compare')
    .option('--behaviours <list>', `of ${BEHAVIOURS.join(', ')}; with commas (default: all four)`)
    .option('--concurrency <n>', 'questions under way at once', parseNumber, 4)
    .option('--sample <n>', 'so many traces at most, drawn by --seed', parseNumber)
    .option('--seed <n>', 'seed of the draw', parseNumber, 1)
    .option('--json', 'print the comparison as JSON')
    .addHelpText(
      'after',
      `
Asks a server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama …) how often each behaviour shows in
each trace, one question a behaviour, as Gandhi et al. (2025) do. Traces go to --url and
nowhere else. A key in CAIRN_JUDGE_KEY is sent along and never stored.

Answers are kept in the workspace beside predictions and labels. What was answered is not asked again: after
Ctrl+C, or when the server fails, the same command goes on; where questions failed, the exit code is 1.
Options that select traces hold for the questions and for the comparison.

Examples:
  cairn judge --url http://localhost:8000/v1 --model qwen3-32b --sample 200
  cairn judge --model qwen3-32b --json        only the comparison`,
    )
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (flags: JudgeFlags) => {
    const asking = ['behaviours', 'concurrency', 'sample', 'seed'].find(
      (name) => flags.url === undefined && command.getOptionValueSource(name) === 'cli',
    )
    if (asking !== undefined)
      command.error(`error: --${asking} says what is asked: give --url too, or leave it out`)
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const filter = await toFilter(flags, client)
      if (flags.url !== undefined) {
        const job = await client.call('judge.start', {
          filter,
          url: flags.url,
          model: flags.model,
          concurrency: flags.concurrency,
          seed: flags.seed,
          ...(flags.behaviours !== undefined && { behaviours: readBehaviours(flags.behaviours) }),
          ...(flags.sample !== undefined && { sample: flags.sample }),
        })
        const { result } = await follow(client, job, 'Asking')
        const sum = result as Record<
          'answered' | 'failed' | 'known' | 'tokensAsked' | 'tokensAnswered',
          number
        >
        note(
          `${count(sum.answered)} answered, ${count(sum.failed)} failed, ${count(sum.known)} known before; ` +
            `${count(sum.tokensAsked)} tokens asked, ${count(sum.tokensAnswered)} answered`,
        )
        if (sum.failed > 0) process.exitCode = EXIT.failed
      }
      const judges = await client.call('judge.list', {})
      const found = judges.find(({ judge }) => judge === flags.model || judge.startsWith(`${flags.model} (`))
      if (found === undefined)
        throw new CairnError(
          'not_found',
          `No answers of "${flags.model}" are kept here. Give its --url to ask it.`,
        )
      const agreement = await client.call('judge.agreement', { judge: found.judge, filter })
      if (flags.json) print(JSON.stringify({ ...found, behaviours: agreement }))
      else print(toTable(agreement))
    })
  })
}

function readBehaviours(list: string): Behaviour[] {
  return list.split(',').map((name) => {
    const behaviour = BEHAVIOURS.find((one) => one === name.trim())
    if (behaviour === undefined)
      throw new CairnError('bad_request', `"${name}" is no behaviour: ${BEHAVIOURS.join(', ')}.`)
    return behaviour
  })
}

function toTable(agreement: Agreement): string {
  const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(2)))
  return table(
    ['behaviour', 'against', 'traces', 'judge', 'other', 'difference', 'Spearman', 'κ'],
    agreement.flatMap(({ behaviour, ...against }) =>
      (['episodes', 'labels'] as const)
        .filter((other) => against[other].traces > 0)
        .map((other) => {
          const { traces, mean, otherMean, difference, correlation, kappa } = against[other]
          return [
            BEHAVIOUR_STYLE[behaviour].name,
            other === 'episodes' ? 'model’s episodes' : 'people’s labels',
            traces,
            ...[mean, otherMean, difference, correlation, kappa].map(rounded),
          ]
        }),
    ),
  )
}
