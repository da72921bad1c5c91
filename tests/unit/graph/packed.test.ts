import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packGraph, unpackGraph } from '#shared/domain/graph/packed.ts'
import type { ReasoningGraph } from '#shared/domain/graph/types.ts'
import { decode, encode } from '#shared/rpc/codec.ts'
import { sampleLines } from '../engine/support.ts'
import { graphOf } from './support.ts'

const travelled = (graph: ReasoningGraph): ReasoningGraph =>
  unpackGraph(decode(encode(packGraph(graph))) as ReturnType<typeof packGraph>)

const part = fc.oneof(
  fc.constantFrom(
    ...['(88 - 52) + 33 = 92.', 'Wait, no: 3 + 4 = 7.', 'Let me check 🪨 \ud800 this: 3 + 4 = 8.'],
    ...['Try 8 / (3 - 3) = 8/0, which is undefined.', `Try 3 * 8 = 24 = 5/0 = ${'9'.repeat(400)}`],
    ...['<answer>(65 - 48) + 64</answer>', 'Case 1: x = 2.', 'Current State: 24:[3, 8], Operations: []'],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

describe('a packed graph', () => {
  it('is the same graph again, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), fc.nat(15), (parts, bits) => {
        const text = parts.join('\n')
        const graph = graphOf(text, {
          prompt: 'Using the numbers [3, 8, 52], create an equation that equals 24.',
        })
        const shown = new Uint8Array(graph.owner.length * 4).map((_, at) => (bits >> (at % 4)) & 1)
        const shownGraph = graphOf(text, { shown })
        expect(travelled(graph)).toEqual(graph)
        expect(travelled(shownGraph)).toEqual(shownGraph)
      }),
    )
  })

  it('keeps what real traces have: states, flags, loops, targets', () => {
    const seen = { states: 0, flags: 0, loops: 0, counts: 0 }
    for (const line of sampleLines('base_8b').slice(0, 100)) {
      const { raw_generation: response, prompt } = JSON.parse(line) as Record<
        'raw_generation' | 'prompt',
        string
      >
      const graph = graphOf(response, { prompt })
      for (const { state, flags, count } of graph.nodes) {
        if (state !== undefined) seen.states++
        if (flags !== undefined) seen.flags++
        if (count !== undefined) seen.counts++
      }
      seen.loops += graph.loops.length
      const again = travelled(graph)
      expect(again).toEqual(graph)
      // A node is copied with all that it says.
      expect(again.nodes.map((node) => ({ ...node }))).toEqual(graph.nodes)
    }
    for (const [name, number] of Object.entries(seen)) expect(number, name).toBeGreaterThan(0)
  })
})
