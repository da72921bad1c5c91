import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { z } from 'zod'
import type { ForeignModel } from '#shared/contract/models.ts'
import { windowTokens } from '#shared/domain/surprisal/scoring-windows.ts'
import { CairnError } from '#shared/errors.ts'
import type { InferenceHost } from '../inference/host.ts'
import { readOnnxHeader, type OnnxHeader } from '../inference/onnx-header.ts'
import type { Port } from '../inference/protocol.ts'

/** What a file may weigh at most: more than onnxruntime takes in one. */
const LARGEST_FILE = 2 ** 31
/** Numbers that a tensor may claim to have at most. */
const LARGEST_TENSOR = 2 ** 31
/** ONNX operators that the runtime which comes with Cairn knows. */
const OPSETS = { least: 7, most: 24 }
/** Makers whose operators that runtime brings along. */
const KNOWN_DOMAINS = ['ai.onnx.ml', 'com.microsoft']
/** Inputs that Cairn can make from a text; `past_key_values…` are given empty. */
const KNOWN_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids']
const NO_PAST = /^past_key_values\./
/** Outputs that hold vectors: of the whole text, and of each token. */
const TEXT_VECTORS = ['sentence_embedding', 'text_embeds', 'pooled_embedding']
const TOKEN_VECTORS = ['last_hidden_state', 'token_embeddings']
/** Models that count positions from two. */
const FROM_TWO = ['roberta', 'xlm-roberta', 'camembert', 'longformer']
const LONGEST = 4096
/** Labels that are taken for real where only a file's header tells of them. */
const MOST_UNNAMED = 1000

/** The part of `config.json` that is used. */
const Config = z.looseObject({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string().regex(/^\d+$/), z.string()).optional(),
  problem_type: z.string().nullish(),
  max_position_embeddings: z.int().positive().optional(),
  n_positions: z.int().positive().optional(),
  vocab_size: z.int().positive().optional(),
  hidden_size: z.int().positive().optional(),
  pad_token_id: z.int().nonnegative().nullish(),
  bos_token_id: z.int().nonnegative().nullish(),
})
type Config = z.infer<typeof Config>

/** A folder's model, and what of it is told to nobody. */
export interface FoundModel {
  model: ForeignModel
  /** How vectors of a text are made; null where it makes none. */
  pooling: 'mean' | 'first' | 'given' | null
  /** Id of the token that a text begins with. */
  start: number | null
  /** Paths of files with weights beside the model's own. */
  data: string[]
}

const refuse = (folder: string, why: string) =>
  new CairnError('model_invalid', `The model in ${folder} cannot be used: ${why}`, { path: folder })

/**
 * Looks at a folder with a model as Hugging Face exports them: `model.onnx` (also in a folder "onnx"),
 * `tokenizer.json`, `config.json`. The model is loaded in the inference process only.
 * @throws CairnError `model_invalid` saying what does not fit and what to do
 */
export async function inspectFolder(folder: string, inference: InferenceHost): Promise<FoundModel> {
  const file = ['model.onnx', 'onnx/model.onnx'].map((name) => join(folder, name)).find(existsSync)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw refuse(folder, 'it is no folder on the machine that Cairn runs on.')
  if (file === undefined) throw refuse(folder, 'there is no model.onnx in it, nor in a folder "onnx" of it.')
  if (!existsSync(join(folder, 'tokenizer.json')))
    throw refuse(folder, 'there is no tokenizer.json. Save the fast tokenizer with the model.')
  const config = readConfig(folder)
  const header = readOnnxHeader(file)
  checkHeader(folder, header)
  const data = externalFiles(folder, dirname(file), header)
  const { inputs, outputs } = await inference.inspect(file)
  const names = inputs.map(({ name }) => name)
  const strange = names.filter((name) => !KNOWN_INPUTS.includes(name) && !NO_PAST.test(name))
  if (!names.includes('input_ids') || strange.length > 0)
    throw refuse(
      folder,
      `it wants the inputs ${some(names)}; Cairn can give ${KNOWN_INPUTS.join(', ')}. Export it for text only.`,
    )
  const half = inputs.find(({ name, type }) => !NO_PAST.test(name) && type !== 'int64')
  if (half !== undefined)
    throw refuse(folder, `its input ${half.name} is of type ${half.type}; Cairn gives int64.`)
  const positions = config.max_position_embeddings ?? config.n_positions ?? 512
  const readable = Math.min(LONGEST, FROM_TWO.includes(config.model_type ?? '') ? positions - 2 : positions)
  const kind = kindOf(folder, config, outputs)
  return {
    model: {
      folder,
      title: basename(folder.replace(/[\\/]+$/, '')),
      type: config.model_type ?? 'unknown',
      bytes: header.bytes + data.reduce((sum, one) => sum + statSync(one).size, 0),
      opset: header.opset,
      inputs: names,
      maxTokens: kind.vocabulary === null ? readable : windowTokens(readable, kind.vocabulary),
      pad: config.pad_token_id ?? 0,
      file,
      // The softmax of one number alone is 1, whatever it is.
      activation:
        kind.labels.length === 1 || config.problem_type === 'multi_label_classification'
          ? 'sigmoid'
          : 'softmax',
      ...kind,
    },
    pooling: kind.task === 'vectors' ? poolingOf(folder, kind.output) : null,
    start: config.bos_token_id ?? null,
    data,
  }
}

/** What is enough to be told of a list that a hostile file may make long. */
const some = (names: readonly string[]) =>
  names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '')

function readConfig(folder: string): Config {
  try {
    return Config.parse(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw refuse(folder, `its config.json cannot be read (${why}).`)
  }
}

function checkHeader(folder: string, { bytes, opset, domains, largest }: OnnxHeader): void {
  if (bytes >= LARGEST_FILE)
    throw refuse(folder, 'its model.onnx weighs 2 GB and more. Export a smaller or quantised one.')
  if (opset < OPSETS.least || opset > OPSETS.most)
    throw refuse(
      folder,
      `it is written for ONNX opset ${opset}; ${OPSETS.least} to ${OPSETS.most} can be run. Export it anew.`,
    )
  const strange = domains.filter((domain) => !KNOWN_DOMAINS.includes(domain))
  if (strange.length > 0)
    throw refuse(
      folder,
      `it uses operators of ${some(strange)}, which come in a library of their own; Cairn loads none. Export it with ONNX's own operators.`,
    )
  if (largest > LARGEST_TENSOR)
    throw refuse(
      folder,
      `it claims a tensor of ${largest.toExponential(1)} numbers. The file is damaged or not meant to be run.`,
    )
}

/** Files with weights beside the model: in its own folder and really there, so that nothing else is ever read. */
function externalFiles(folder: string, beside: string, { external }: OnnxHeader): string[] {
  return external.map((location) => {
    if (!/^[\w-][\w.-]*$/.test(location))
      throw refuse(
        folder,
        `it looks for weights in "${location}", outside its own folder. Export it with its weights beside it.`,
      )
    const path = join(beside, location)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat?.isFile())
      throw refuse(folder, `its weights in ${location} are missing. Copy that file into the folder, too.`)
    if (!realpathSync(path).startsWith(realpathSync(folder) + sep))
      throw refuse(folder, `its weights in ${location} are a link to a file outside its folder.`)
    if (stat.size >= LARGEST_FILE)
      throw refuse(
        folder,
        `its weights in ${location} weigh 2 GB and more. Export a smaller or quantised one.`,
      )
    return path
  })
}

/** Numbers of 32 bits are what is computed with. */
function checkType(folder: string, { name, type }: Port): void {
  if (type !== 'float32')
    throw refuse(
      folder,
      `its output ${name} is of type ${type}; Cairn reads float32. Export it with 32-bit outputs.`,
    )
}

type Kind = Pick<ForeignModel, 'task' | 'output' | 'labels' | 'width' | 'vocabulary'>

/** What the model is for, by its outputs and by what its maker says it is. */
function kindOf(folder: string, config: Config, outputs: readonly Port[]): Kind {
  const none = { labels: [], width: null, vocabulary: null }
  const [architecture = ''] = config.architectures ?? []
  const named = (names: readonly string[]) => outputs.find(({ name }) => names.includes(name))
  const vectors = named(TEXT_VECTORS) ?? named(TOKEN_VECTORS)
  if (vectors !== undefined) {
    checkType(folder, vectors)
    const last = vectors.shape.at(-1)
    const width = typeof last === 'number' && last > 0 ? last : config.hidden_size
    if (width === undefined)
      throw refuse(folder, 'neither it nor its config.json (hidden_size) says how long its vectors are.')
    return { ...none, task: 'vectors', output: vectors.name, width }
  }
  const logits = named(['logits']) ?? (outputs.length === 1 ? outputs[0] : undefined)
  if (logits === undefined)
    throw refuse(
      folder,
      `it has the outputs ${some(outputs.map(({ name }) => name))}. A classifier and a language model have "logits", a model that makes vectors "last_hidden_state" or "sentence_embedding".`,
    )
  checkType(folder, logits)
  if (/ForCausalLM$|LMHeadModel$/.test(architecture) || (architecture === '' && logits.shape.length === 3)) {
    const last = logits.shape.at(-1)
    const vocabulary = typeof last === 'number' && last > 0 ? last : config.vocab_size
    if (vocabulary === undefined)
      throw refuse(folder, 'neither it nor its config.json (vocab_size) says how many tokens it knows.')
    return { ...none, task: 'surprisal', output: logits.name, vocabulary }
  }
  if (logits.shape.length === 3)
    throw refuse(
      folder,
      `it is ${architecture === '' ? 'a model' : `a ${architecture}`} that answers token by token: neither a text classifier, nor one that makes vectors, nor a causal language model.`,
    )
  if (config.problem_type === 'regression')
    throw refuse(
      folder,
      'its config.json says that it tells a number (problem_type: regression), which is no probability. A text classifier has labels.',
    )
  const labels = labelsOf(config, logits, folder)
  if (labels.length === 0)
    throw refuse(folder, 'its config.json names no labels (id2label), which a text classifier has.')
  return { ...none, task: 'behaviours', output: logits.name, labels }
}

/** Labels in the order of the output's numbers; a configuration leaves those out that are named by their number. */
function labelsOf({ id2label, architectures }: Config, { shape }: Port, folder: string): string[] {
  const last = shape.at(-1)
  if (
    id2label === undefined &&
    architectures?.[0]?.endsWith('ForSequenceClassification') === true &&
    typeof last === 'number' &&
    last <= MOST_UNNAMED
  )
    return Array.from({ length: Math.max(0, last) }, (_, at) => `LABEL_${at}`)
  const entries = Object.entries(id2label ?? {}).sort(([a], [b]) => Number(a) - Number(b))
  if (entries.some(([key], at) => Number(key) !== at))
    throw refuse(folder, 'the labels of its config.json (id2label) are not numbered 0, 1, 2, ….')
  return entries.map(([, label]) => label)
}

/** As the folder of sentence-transformers says, else the mean. */
function poolingOf(folder: string, output: string): 'mean' | 'first' | 'given' {
  if (TEXT_VECTORS.includes(output)) return 'given'
  try {
    const found = JSON.parse(readFileSync(join(folder, '1_Pooling/config.json'), 'utf8')) as {
      pooling_mode_cls_token?: boolean
    }
    return found.pooling_mode_cls_token === true ? 'first' : 'mean'
  } catch {
    return 'mean'
  }
}
