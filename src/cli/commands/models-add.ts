import type { Command } from 'commander'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'
import { collect } from '../option-values.ts'
import { withWorkspace } from '../session.ts'
import { bytes, count, note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

const HELP = `
FOLDER is a model as Hugging Face exports them: model.onnx (also in a folder "onnx"), tokenizer.json and config.json.
A text classifier is shown each step by itself; without --map its labels are printed and nothing is taken in. A model
that makes vectors (feature-extraction) serves "cairn similar", a causal language model "cairn surprisal".

Examples:
  cairn models add ./my-classifier -w study
  cairn models add ./all-MiniLM-L6-v2-onnx -w study
  cairn models add ./my-classifier -w study --id mine --map LABEL_1=verification --map "goes back=backtracking"`

/** The command that a model serves, by what it can do. */
const USED_BY = {
  behaviours: 'classify --model',
  vectors: 'similar --make --model',
  surprisal: 'surprisal --model',
} as const

interface AddFlags {
  workspace: string
  id?: string
  title?: string
  map: string[]
  threshold: string
  json?: boolean
}

/** Adds `cairn models add`. */
export function addModelsAdd(models: Command): void {
  const command = models
    .command('add')
    .summary('take an ONNX model of another maker into a workspace')
    .argument('<folder>', 'the exported model')
    .option(
      '--id <id>',
      'what to call it: small letters, digits, dots and dashes (default: the folder’s name)',
    )
    .option('--title <title>', 'its name where people read it')
    .option('--map <label=behaviour>', 'the label that stands for a behaviour; repeatable', collect, [])
    .option('--threshold <p>', 'a step shows a behaviour from this probability on', '0.5')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  command.action(add)
}

async function add(folder: string, flags: AddFlags): Promise<void> {
  const map = readMap(flags.map)
  await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
    const found = await client.call('models.inspect', { folder })
    if (flags.map.length === 0 && found.task === 'behaviours') {
      if (flags.json) return print(JSON.stringify(found, null, 2))
      print(
        table(
          ['label'],
          found.labels.map((label) => [label]),
        ),
      )
      note(
        `${found.title}: ${found.type}, ${bytes(found.bytes)}, ONNX opset ${found.opset}, ${found.maxTokens} tokens.`,
      )
      return note(`Map labels onto behaviours with --map LABEL=behaviour (${BEHAVIOURS.join(', ')}).`)
    }
    const threshold = Number(flags.threshold)
    const id =
      flags.id ??
      found.title
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+/, '')
    const model = await client.call('models.add', {
      ...{ folder, id, map, threshold },
      ...(flags.title !== undefined && { title: flags.title }),
    })
    if (flags.json) print(JSON.stringify(model, null, 2))
    else
      note(
        `The workspace now has the model ${model.id}, which reads ${count(found.maxTokens)} tokens at once; "cairn ${USED_BY[found.task]} ${model.id}" uses it.`,
      )
  })
}

function readMap(given: readonly string[]): Partial<Record<Behaviour, string>> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.lastIndexOf('=')
      const behaviour = one.slice(at + 1)
      if (at < 1 || !(BEHAVIOURS as readonly string[]).includes(behaviour))
        throw new CairnError(
          'bad_request',
          `--map ${one} is not LABEL=behaviour; the behaviours are ${BEHAVIOURS.join(', ')}.`,
        )
      return [behaviour, one.slice(0, at)]
    }),
  )
}
