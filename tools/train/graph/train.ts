/**
 * Trains the networks that choose what a turn returns to and what a check verifies, and writes them to
 * `src/shared/domain/graph/targets/weights.ts`.
 *
 *   node tools/train/graph/train.ts LABELS_FOLDER [--people FILE …] [--made FILE --text FILE …]
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import { TARGETS_VERSION } from '#shared/domain/graph/targets/describe.ts'
import type { PackedNetwork } from '#shared/domain/graph/targets/packed.ts'
import type { Network } from '#shared/domain/graph/targets/rank.ts'
import { crossFit, decodeAll, examplesOf, type Chosen } from './cross-validate.ts'
import { train } from './learn.ts'
import { readOptions } from './options.ts'
import { BONDS, SETTINGS } from './settings.ts'

const traces = readOptions('train.ts')

// Turns are trained on checks as they will be: chosen by networks that have not seen the trace.
const checked = decodeAll(
  crossFit(traces, 'verifies', null, ({ returnsTo }) => returnsTo.size > 0),
  BONDS.verifies,
)
const network = { verifies: learn('verifies', null), returns_to: learn('returns_to', checked) }

function learn(relation: Relation, known: Chosen | null): PackedNetwork {
  const examples = examplesOf(traces, relation, known)
  console.log(`${relation}: ${examples.length} decisions, ${JSON.stringify(SETTINGS[relation])}`)
  return pack(train(examples, SETTINGS[relation]))
}

function pack({ hidden, input, bias, output, linear }: Network): PackedNetwork {
  const all = [input, bias, output, linear].flatMap((part) => Array.from(part))
  const scale = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 32767
  const bytes = Buffer.alloc(all.length * 2)
  all.forEach((value, at) => bytes.writeInt16LE(Math.round(value / scale), at * 2))
  return { hidden, scale, data: bytes.toString('base64') }
}

const literal = ({ hidden, scale, data }: PackedNetwork) =>
  `{ hidden: ${hidden}, scale: ${scale}, data: '${data}' }`

const bondsOf = (relation: Relation) =>
  `{ adjacent: ${BONDS[relation].adjacent}, apart: ${BONDS[relation].apart} }`

writeFileSync(
  join(import.meta.dirname, '../../../src/shared/domain/graph/targets/weights.ts'),
  `import { unpackWeights } from './packed.ts'

/** Written by tools/train/graph/train.ts; docs/graph.md has its settings and figures. */
// prettier-ignore
export const WEIGHTS = unpackWeights({
  version: ${TARGETS_VERSION},
  bonds: { returns_to: ${bondsOf('returns_to')}, verifies: ${bondsOf('verifies')} },
  network: {
    returns_to: ${literal(network.returns_to)},
    verifies: ${literal(network.verifies)},
  },
})
`,
)
