import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readLabelled, readMade, type Labelled } from './labels.ts'

/**
 * The traces to train on, as the command line names them: the training split of the labels, rows of
 * `cairn graph targets` (`--people`), and traces that a language model labelled (`--made`, texts by `--text`).
 */
export function readOptions(program: string): Labelled[] {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      people: { type: 'string', multiple: true, default: [] },
      made: { type: 'string' },
      text: { type: 'string', multiple: true, default: [] },
    },
  })
  const [labels] = positionals
  if (labels === undefined)
    throw new Error(
      `usage: node tools/train/graph/${program} LABELS_FOLDER [--people FILE …] [--made FILE --text FILE …]`,
    )
  const traces = [join(labels, 'train.jsonl'), ...values.people].flatMap(readLabelled)
  if (values.made === undefined) return traces
  const made = readMade(values.made, values.text)
  console.log(`${traces.length} traces, ${made.traces.length} labelled by a language model`)
  if (made.missing > 0) console.log(`${made.missing} traces are left out: no --text has their text`)
  return [...traces, ...made.traces]
}
