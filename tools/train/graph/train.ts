/**
 * Trains the networks that choose what a turn returns to and what a check verifies, and writes them to
 * `src/shared/domain/graph/targets/weights.ts`.
 *
 *   node tools/train/graph/train.ts LABELS_FOLDER
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TARGETS_VERSION, type Relation } from '#shared/domain/graph/targets/describe.ts'
import type { PackedNetwork } from '#shared/domain/graph/targets/packed.ts'
import type { Network } from '#shared/domain/graph/targets/rank.ts'
import { examplesOf } from './blind.ts'
import { readLabelled } from './labels.ts'
import { train } from './learn.ts'
import { SETTINGS, STAY } from './settings.ts'

const [labels] = process.argv.slice(2)
if (labels === undefined) throw new Error('usage: node tools/train/graph/train.ts LABELS_FOLDER')
const traces = readLabelled(join(labels, 'train.jsonl'))

const networks = {} as Record<Relation, PackedNetwork[]>
for (const relation of ['returns_to', 'verifies'] as const) {
  const { members, power, ...settings } = SETTINGS[relation]
  const examples = examplesOf(traces, relation, power)
  networks[relation] = Array.from({ length: members }, (_, member) =>
    pack(train(examples, { ...settings, seed: settings.seed + 101 * member })),
  )
  console.log(`${relation}: ${examples.length} decisions, ${members} networks of ${settings.hidden} units`)
}

function pack({ hidden, input, bias, output, linear }: Network): PackedNetwork {
  const all = [input, bias, output, linear].flatMap((part) => Array.from(part))
  const scale = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 32767
  const bytes = Buffer.alloc(all.length * 2)
  all.forEach((value, at) => bytes.writeInt16LE(Math.round(value / scale), at * 2))
  return { hidden, scale, data: bytes.toString('base64') }
}

const list = (packed: readonly PackedNetwork[]) =>
  packed
    .map(({ hidden, scale, data }) => `      { hidden: ${hidden}, scale: ${scale}, data: '${data}' },`)
    .join('\n')

writeFileSync(
  join(import.meta.dirname, '../../../src/shared/domain/graph/targets/weights.ts'),
  `// Written by tools/train/graph/train.ts; its log and settings are in docs/graph.md.
// prettier-ignore
import { unpackWeights } from './packed.ts'

// prettier-ignore
export const WEIGHTS = unpackWeights({
  version: ${TARGETS_VERSION},
  stay: { returns_to: ${STAY.returns_to}, verifies: ${STAY.verifies} },
  networks: {
    returns_to: [
${list(networks.returns_to)}
    ],
    verifies: [
${list(networks.verifies)}
    ],
  },
})
`,
)
