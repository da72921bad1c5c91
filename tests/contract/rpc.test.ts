import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import type { Channel } from '#shared/rpc/channel.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { odd, oddArrays, oddHandlers } from './odd-contract.ts'
import { TRANSPORTS, type Link } from './transports.ts'

interface OddEvents {
  counted: { n: number; bounds: Uint32Array }
}
type OddClient = Client<typeof odd, OddEvents>
type AnyCall = (method: string, input: unknown) => Promise<unknown>

const failure = async (call: Promise<unknown>): Promise<CairnError> => {
  const outcome = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(outcome).toBeInstanceOf(CairnError)
  return outcome as CairnError
}

describe.each(TRANSPORTS)('RPC over $name', ({ open }) => {
  const served: Served[] = []
  let link: Link
  let client: OddClient
  const attach = (channel: Channel): Served => {
    const one = serve(odd, oddHandlers, channel)
    served.push(one)
    return one
  }
  const newClient = async (): Promise<OddClient> => connect<typeof odd, OddEvents>(await link.client())
  const call: AnyCall = (method, input) => (client.call as AnyCall)(method, input)

  beforeAll(async () => {
    link = await open(attach)
    client = await newClient()
  })
  afterAll(async () => {
    client.close()
    await link.close()
  })

  it('answers', async () => {
    expect(await client.call('odd.sum', { a: 20, b: 22 })).toBe(42)
  })

  it.each(['odd.missing', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'call', ''])(
    'refuses the unknown method "%s"',
    async (method) => {
      const error = await failure(call(method, {}))
      expect(error.code).toBe('bad_request')
      expect(error.message).toContain(`There is no method "${method}"`)
    },
  )

  it.each([
    ['a wrong type', { a: 'one', b: 2 }],
    ['a missing field', { a: 1 }],
    ['no object', 'text'],
    ['null', null],
    ['an array', [1, 2]],
    ['not a number', { a: NaN, b: 1 }],
  ])('refuses input with %s, naming the method and the field', async (_, input) => {
    const error = await failure(call('odd.sum', input))
    expect(error.code).toBe('bad_request')
    expect(error.message).toMatch(/^odd\.sum: .*\w+/s)
    expect(error.details).toEqual({ method: 'odd.sum' })
    expect(error.message).not.toContain('ZodError')
  })

  it('leaves no trace of prototype names in input', async () => {
    const input = JSON.parse(
      '{"a":1,"b":2,"__proto__":{"polluted":true},"constructor":{"polluted":true}}',
    ) as unknown
    expect(await call('odd.sum', input)).toBe(3)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('keeps code, message and details of typed errors', async () => {
    const error = await failure(client.call('odd.fail', { how: 'typed' }))
    expect(error.toJSON()).toEqual({
      code: 'source_changed',
      message: 'run.jsonl has changed; import it anew.',
      details: { path: 'run.jsonl', line: 7, partial: false, hash: null },
    })
  })

  it.each([
    ['plain', 'a slip'],
    ['thrown string', 'a bare string'],
  ] as const)('turns a %s error into `internal`', async (how, message) => {
    const error = await failure(client.call('odd.fail', { how }))
    expect(error).toMatchObject({ code: 'internal', message })
  })

  it('carries typed arrays both ways with exact values', async () => {
    const answer = await client.call('odd.arrays', {})
    const sent = oddArrays()
    for (const name of ['bytes', 'floats', 'doubles'] as const) {
      expect(answer[name].constructor.name).toBe(sent[name].constructor.name)
      expect([...answer[name]].every((value, index) => Object.is(value, sent[name][index]))).toBe(true)
      expect(answer[name]).toHaveLength(sent[name].length)
    }
    expect(answer.nested[0]!.bounds).toBeInstanceOf(Uint32Array)
    expect([...answer.nested[0]!.bounds]).toEqual([0, 7, 4_294_967_295])
    expect(answer.nested[0]!.empty).toBeInstanceOf(Int32Array)
    expect(answer.nested[0]!.empty).toHaveLength(0)
    const doubled = await client.call('odd.double', { values: new Float32Array([1, 2.5, -4]) })
    expect(doubled).toEqual(new Float32Array([2, 5, -8]))
  })

  it.each([
    ['lone surrogates', '\ud800 mid \udfff end \udc00\ud800'],
    ['astral characters', '🪨🗻 𝒳 = 𝟛'],
    ['control characters and separators', '\0\u0001\u2028\u2029\ufeff\r\n'],
    ['combining marks, unnormalised', 'e\u0301 \u00e9'],
  ])('carries %s as they are', async (_, text) => {
    expect((await client.call('odd.echo', { text })).text).toBe(text)
  })

  it('carries texts of 5 MB', async () => {
    const text = 'Wait — 7×9=63, not 56. 🪨 '.repeat(200_000)
    expect(text.length).toBeGreaterThan(5_000_000)
    expect((await client.call('odd.echo', { text })).text === text).toBe(true)
  })

  it('answers concurrent calls each with its own result', async () => {
    const values = Array.from({ length: 200 }, (_, index) => index)
    const answers = await Promise.all(
      values.map((value) => client.call('odd.slow', { after: (value * 7) % 20, value })),
    )
    expect(answers).toEqual(values)
  })

  it('brings events in order to every client', async () => {
    const clients = await Promise.all([newClient(), newClient(), newClient()])
    const received = clients.map((one) => {
      const seen: number[] = []
      one.on('counted', ({ n, bounds }) => {
        if (bounds instanceof Uint32Array && bounds[0] === n) seen.push(n)
      })
      return seen
    })
    // A call's answer shows that the client is attached.
    await Promise.all(clients.map((one) => one.call('odd.sum', { a: 1, b: 1 })))
    for (let n = 0; n < 500; n++)
      for (const one of served) one.emit('counted', { n, bounds: new Uint32Array([n]) })
    await expect.poll(() => received.map((seen) => seen.length)).toEqual([500, 500, 500])
    for (const seen of received) expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => n))
    for (const one of clients) one.close()
  })

  it('no longer calls a listener that was removed', async () => {
    const one = await newClient()
    let calls = 0
    const stop = one.on('counted', () => calls++)
    await one.call('odd.sum', { a: 1, b: 1 })
    const server = served.at(-1)!
    server.emit('counted', { n: 0, bounds: new Uint32Array() })
    await expect.poll(() => calls).toBe(1)
    stop()
    server.emit('counted', { n: 1, bounds: new Uint32Array() })
    await one.call('odd.sum', { a: 1, b: 1 })
    expect(calls).toBe(1)
    one.close()
  })

  it('fails calls under way with `disconnected` when the server goes, and later ones too', async () => {
    const one = await newClient()
    await one.call('odd.sum', { a: 1, b: 1 })
    const server = served.at(-1)!
    const waiting = failure(one.call('odd.never', {}))
    await one.call('odd.sum', { a: 1, b: 1 })
    server.close()
    expect((await waiting).code).toBe('disconnected')
    expect((await failure(one.call('odd.sum', { a: 1, b: 1 }))).code).toBe('disconnected')
    expect(() => {
      server.emit('counted', { n: 0, bounds: new Uint32Array() })
    }).not.toThrow()
  })

  it('fails calls under way with `disconnected` when the client closes', async () => {
    const one = await newClient()
    await one.call('odd.sum', { a: 1, b: 1 })
    const waiting = failure(one.call('odd.never', {}))
    one.close()
    expect((await waiting).code).toBe('disconnected')
  })
})
