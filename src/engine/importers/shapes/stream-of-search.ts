import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import type { Shape, ShapeContext, ShapeResult } from '../types.ts'
import { toBoolean, toNumber, toStep } from './support/coerce.ts'
import { asConversation, promptText, readMessages } from './support/conversation.ts'
import { cutRendered } from './support/rendered.ts'
import { isList, isObject, own, ownObject, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, documentOf, share } from './support/shape.ts'

const HYPERPARAMS = 'hyperparams'
const STATS = 'trial_stats'

function isHeader(record: JsonObject): boolean {
  return Object.keys(record).every((key) =>
    ['hyperparams', 'trial_success_rates', 'best_of_n', 'mean'].includes(key),
  )
}

function isTrial(record: JsonObject): boolean {
  return ['nums', 'target', 'completion', 'parsed_results'].every((key) => Object.hasOwn(record, key))
}

/**
 * stream-of-search results: one array of hyperparameters, success rates and then trials. The first two
 * describe the file; they are kept and put into every trial's metadata. The run is the adapter (or
 * model) the hyperparameters name.
 */
export const streamOfSearch = codedShape({
  id: 'stream_of_search',
  title: 'stream-of-search results',
  positional: true,
  detect: (sample) => {
    const trials = sample.filter((value) => !isObject(value) || !isHeader(value))
    return 0.95 * share(trials, isTrial)
  },
  read(record, context) {
    if (isHeader(record)) return header(record, context)
    const completion = own(record, 'completion')
    if (typeof completion !== 'string')
      throw rejection('no_response', noResponse('completion', kindOf(completion)))
    const hyperparams = context.state.get(HYPERPARAMS)
    const stats = context.state.get(STATS)
    const results = ownObject(record, 'parsed_results')
    const correct = results === null ? null : toBoolean(own(results, 'solved'))
    const rest: Record<string, Json> = {
      ...without(record, ['prompt', 'completion']),
      ...(hyperparams === undefined ? {} : { hyperparams }),
      ...(stats === undefined ? {} : { trial_stats: stats }),
    }
    const known = isObject(hyperparams) ? hyperparams : {}
    return {
      traces: [
        {
          ...renderedTrace(ownText(record, 'prompt') ?? '', completion, rest),
          run: ownText(known, 'adapter') ?? ownText(known, 'model') ?? ownText(known, 'ckpt'),
          checkpoint: toStep(own(known, 'ckpt')),
          reference: referenceOf(own(record, 'solution')),
          correct,
          tokens: results === null ? null : toNumber(own(results, 'completion_length')),
        },
      ],
    }
  },
})

function header(record: JsonObject, { state }: ShapeContext): ShapeResult {
  const hyperparams = own(record, 'hyperparams')
  if (hyperparams !== undefined) state.set(HYPERPARAMS, hyperparams)
  const stats = without(record, ['hyperparams'])
  if (Object.keys(stats).length > 0) state.set(STATS, stats)
  return { header: true }
}

/** The solution's operations, one a line; they stay in the metadata as the list they are. */
function referenceOf(solution: Json | undefined): string | null {
  return isList(solution) && solution.every((line) => typeof line === 'string') ? solution.join('\n') : null
}

function renderedTrace(prompt: string, text: string, metadata: Record<string, Json>): TraceDraft {
  const chat = cutRendered(text, prompt)
  if (chat === null) return blankTrace(prompt, text, metadata)
  const kept = chat.header === null ? metadata : { ...metadata, rendered_header: chat.header }
  return { ...blankTrace(prompt, chat.response, kept), messages: chat.messages }
}

const AT = 'prediction'

const wholeFile = codedShape({
  id: 'search_predictions',
  title: 'Predictions with test prompts',
  positional: true,
  detect: (sample) =>
    0.95 *
    share(sample, (record) => isList(own(record, 'predictions')) && isList(own(record, 'test_prompts'))),
  read(record) {
    const predictions = own(record, 'predictions')
    if (!isList(predictions)) throw rejection('no_response', noResponse('predictions', kindOf(predictions)))
    const prompts = own(record, 'test_prompts')
    const rest = without(record, ['predictions', 'test_prompts'])
    const read = predictions.map((text, index) =>
      predictionOf(text, isList(prompts) ? prompts[index] : null, index, rest),
    )
    return {
      traces: read.filter((one) => typeof one !== 'string'),
      rejects: read
        .filter((one) => typeof one === 'string')
        .map((message) => ({ code: 'no_response', message })),
    }
  },
})

function promptsInDocument(sample: readonly Json[]): boolean {
  return sample.some((value) => {
    const document = isObject(value) ? ownObject(value, '$document') : null
    return document !== null && isList(own(document, 'test_prompts'))
  })
}

/**
 * `eval_results.json`: `predictions` and `test_prompts`, two lists side by side; read whole, or with
 * `test_prompts` in the document and one prediction a record.
 */
export const searchPredictions: Shape = {
  ...wholeFile,
  detect(sample, context) {
    if (promptsInDocument(sample) && sample.some((value) => typeof value === 'string')) return 0.95
    return wholeFile.detect(sample, context)
  },
  read(value, context, mapping) {
    if (typeof value !== 'string') return wholeFile.read(value, context, mapping)
    const index = Number(context.state.get(AT) ?? 0)
    context.state.set(AT, index + 1)
    const document = documentOf(context) ?? {}
    const prompts = own(document, 'test_prompts')
    const rest = without(document, ['test_prompts'])
    const trace = predictionOf(value, isList(prompts) ? prompts[index] : null, index, rest)
    if (typeof trace === 'string') throw rejection('no_response', trace)
    return { traces: [trace] }
  },
}

function predictionOf(
  text: Json,
  asked: Json | undefined,
  index: number,
  rest: Record<string, Json>,
): TraceDraft | string {
  if (typeof text !== 'string') return noResponse(`predictions[${index}]`, kindOf(text))
  const turns = asConversation(asked)
  const { messages, residue } = turns === null ? { messages: null, residue: null } : readMessages(turns)
  const prompt = messages === null ? (typeof asked === 'string' ? asked : '') : promptText(messages)
  const metadata = residue === null ? rest : { ...rest, test_prompt: residue }
  const trace = renderedTrace(prompt, text, metadata)
  return { ...trace, key: String(index), messages: trace.messages ?? messages }
}
