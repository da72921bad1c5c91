import type { Json } from '#shared/domain/trace.ts'
import type { ShapeContext, ShapeResult } from '../types.ts'
import { toBoolean, toNumber, toStep } from './support/coerce.ts'
import { renderedTrace } from './support/rendered.ts'
import { isList, isObject, own, ownObject, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { codedShape, share } from './support/shape.ts'

const HYPERPARAMS = 'hyperparams'
const STATS = 'trial_stats'

const HEADER_FIELDS = ['hyperparams', 'trial_success_rates', 'best_of_n', 'mean']

function isHeader(record: JsonObject): boolean {
  const keys = Object.keys(record)
  return keys.length > 0 && keys.every((key) => HEADER_FIELDS.includes(key))
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
