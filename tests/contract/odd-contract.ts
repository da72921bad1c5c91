import { z } from 'zod'
import type { Contract, Handlers } from '#shared/contract/contract.ts'
import { CairnError } from '#shared/errors.ts'

/** Cases that the real API has no reason to have. */
export const odd = {
  'odd.echo': { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) },
  'odd.sum': { input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
  'odd.slow': { input: z.object({ after: z.int(), value: z.int() }), output: z.int() },
  'odd.never': { input: z.object({}), output: z.null() },
  'odd.fail': { input: z.object({ how: z.enum(['typed', 'plain', 'thrown string']) }), output: z.null() },
  'odd.arrays': {
    input: z.object({}),
    output: z.object({
      bytes: z.instanceof(Uint8Array),
      floats: z.instanceof(Float32Array),
      doubles: z.instanceof(Float64Array),
      nested: z.array(z.object({ bounds: z.instanceof(Uint32Array), empty: z.instanceof(Int32Array) })),
    }),
  },
  'odd.double': {
    input: z.object({ values: z.instanceof(Float32Array) }),
    output: z.instanceof(Float32Array),
  },
} satisfies Contract

export const oddArrays = () => ({
  bytes: new Uint8Array([0, 1, 255]),
  floats: new Float32Array([0.1, -0, NaN, Infinity, 3.4e38]),
  doubles: new Float64Array([Number.MIN_VALUE, Number.MAX_VALUE, 1 / 3]),
  nested: [{ bounds: new Uint32Array([0, 7, 4_294_967_295]), empty: new Int32Array() }],
})

export const oddHandlers: Handlers<typeof odd> = {
  'odd.echo': ({ text }) => ({ text }),
  'odd.sum': ({ a, b }) => a + b,
  'odd.slow': ({ after, value }) => new Promise((done) => setTimeout(done, after, value)),
  'odd.never': () => new Promise(() => undefined),
  'odd.fail': ({ how }) => {
    if (how === 'typed')
      throw new CairnError('source_changed', 'run.jsonl has changed; import it anew.', {
        path: 'run.jsonl',
        line: 7,
        partial: false,
        hash: null,
      })
    if (how === 'plain') throw new TypeError('a slip')
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless library does
    throw 'a bare string'
  },
  'odd.arrays': oddArrays,
  'odd.double': ({ values }) => values.map((value) => value * 2),
}
