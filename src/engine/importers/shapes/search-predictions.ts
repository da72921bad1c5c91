import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import type { Shape, ShapeContext } from '../types.ts'
import { asConversation, promptText, readMessages } from './support/conversation.ts'
import { eachOf } from './support/each.ts'
import { isList, isObject, own, ownObject, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { renderedTrace } from './support/rendered.ts'
import { codedShape, documentOf, share } from './support/shape.ts'

const PREDICTIONS = 'predictions'
const PROMPTS = 'test_prompts'

const byRecord = codedShape({
  id: 'search_predictions',
  title: 'Predictions with test prompts',
  positional: true,
  detect: (sample) =>
    0.95 * share(sample, (record) => isPredictions(record) && own(record, PROMPTS) !== undefined),
  read(record) {
    const predictions = own(record, PREDICTIONS)
    const prompts = own(record, PROMPTS)
    const rest = without(record, [PREDICTIONS, PROMPTS])
    if (typeof predictions === 'string') return { traces: [traceOf(predictions, prompts, rest)] }
    if (!isList(predictions)) throw rejection('no_response', noResponse(PREDICTIONS, kindOf(predictions)))
    return eachOf(predictions, (text, index) =>
      typeof text === 'string'
        ? traceOf(text, isList(prompts) ? prompts[index] : undefined, rest)
        : noResponse(`${PREDICTIONS}[${index}]`, kindOf(text)),
    )
  },
})

function isPredictions(record: JsonObject): boolean {
  const predictions = own(record, PREDICTIONS)
  return typeof predictions === 'string' || isList(predictions)
}

/**
 * `eval_results.json`: `predictions` and `test_prompts`, two lists side by side. Reads it in all three
 * ways a container may deliver it: one pair a record, the whole file as one record, or one prediction
 * a record after a document that holds the prompts.
 */
export const searchPredictions: Shape = {
  ...byRecord,
  detect(sample, context) {
    const inDocument = sample.some((value) => {
      const document = isObject(value) ? ownObject(value, '$document') : null
      return document !== null && isList(own(document, PROMPTS))
    })
    if (inDocument && sample.some((value) => typeof value === 'string')) return 0.95
    return byRecord.detect(sample, context)
  },
  read(value, context, mapping) {
    if (typeof value !== 'string') return byRecord.read(value, context, mapping)
    const document = documentOf(context) ?? {}
    const prompts = own(document, PROMPTS)
    const asked = isList(prompts) ? prompts[nextIndex(context)] : undefined
    return { traces: [traceOf(value, asked, without(document, [PROMPTS]))] }
  },
}

function nextIndex({ state }: ShapeContext): number {
  const index = Number(state.get('prediction') ?? 0)
  state.set('prediction', index + 1)
  return index
}

function traceOf(text: string, asked: Json | undefined, rest: Record<string, Json>): TraceDraft {
  const turns = asConversation(asked)
  const { messages, residue } = turns === null ? { messages: null, residue: null } : readMessages(turns)
  const prompt = messages === null ? (typeof asked === 'string' ? asked : '') : promptText(messages)
  const trace = renderedTrace(prompt, text, residue === null ? rest : { ...rest, test_prompt: residue })
  return { ...trace, messages: trace.messages ?? messages }
}
