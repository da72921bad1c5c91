import type { Relation } from './candidates.ts'
import { CANDIDATE_WIDTH, TARGETS_VERSION, WIDTH } from './describe.ts'
import type { Weights } from './choose.ts'
import type { Bonds } from './decode.ts'
import { createRanker, type Network } from './rank.ts'

/** A network as the repository holds them: 16-bit steps of `scale`, little-endian, in base64. */
export interface PackedNetwork {
  readonly hidden: number
  readonly scale: number
  /** Input, bias, output and linear weights, one after another. */
  readonly data: string
}

export interface PackedWeights {
  readonly version: number
  readonly network: Readonly<Record<Relation, PackedNetwork>>
  readonly bonds: Readonly<Record<Relation, Bonds>>
}

/** @throws RangeError when the weights were made for other features */
export function unpackWeights({ version, network, bonds }: PackedWeights): Weights {
  if (version !== TARGETS_VERSION) {
    throw new RangeError(
      `the weights fit features ${version}, this program has ${TARGETS_VERSION}; train them again`,
    )
  }
  return {
    ranker: {
      returns_to: createRanker(unpackNetwork(network.returns_to)),
      verifies: createRanker(unpackNetwork(network.verifies)),
    },
    bonds,
  }
}

function unpackNetwork({ hidden, scale, data }: PackedNetwork): Network {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const values = Float64Array.from(
    { length: bytes.length / 2 },
    (_, at) => view.getInt16(at * 2, true) * scale,
  )
  const sizes = [WIDTH * hidden, hidden, hidden, CANDIDATE_WIDTH]
  if (values.length !== sizes.reduce((sum, size) => sum + size, 0)) {
    throw new RangeError(
      `${values.length} weights do not make a network of ${hidden} units over ${WIDTH} features`,
    )
  }
  const cut = (at: number) => {
    const from = sizes.slice(0, at).reduce((sum, size) => sum + size, 0)
    return values.slice(from, from + sizes[at]!)
  }
  return { hidden, input: cut(0), bias: cut(1), output: cut(2), linear: cut(3) }
}
