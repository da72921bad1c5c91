import {
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BINDING, cudaParts, cudaState, type CudaParts } from '#engine/inference/cuda-parts.ts'
import { installCuda } from '#engine/inference/cuda-setup.ts'
import type { Machine } from '#shared/contract/classify.ts'
import { zipOf } from '../importers/input/support.ts'
import { ended, temporaryFolder, withEngine } from './support.ts'

const PROVIDER = 'libonnxruntime_providers_cuda.so'
const SHARED = 'libonnxruntime_providers_shared.so'
const FILES = [PROVIDER, SHARED]
const linux = process.platform === 'linux'

let folder: string
let parts: CudaParts
/** A library that this system loads. */
let library: Buffer
const into = () => join(folder, 'added')
const inside = () => readdirSync(into()).sort()
const put = (where: string, name: string, content: string | Uint8Array) => {
  mkdirSync(where, { recursive: true })
  writeFileSync(join(where, name), content)
}
beforeEach(() => {
  folder = temporaryFolder()
  library = readFileSync(cudaParts().installed.binding)
  const installed = join(folder, 'package')
  put(installed, BINDING, library)
  parts = {
    ...{
      possible: true,
      installed: { folder: installed, binding: join(installed, BINDING) },
      folder: into(),
    },
    ...{ version: '1.30.0', files: FILES, missing: FILES, archive: null },
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!linux)('adding the CUDA provider from a folder', () => {
  const from = () => join(folder, 'from')
  const take = () => installCuda(from(), {}, parts)
  beforeEach(() => FILES.forEach((file) => put(from(), file, library)))

  it('puts it beside a copy of onnxruntime’s own libraries', async () => {
    expect(await take()).toEqual(FILES)
    expect(inside()).toEqual([...FILES, BINDING].sort())
    expect(readFileSync(join(into(), PROVIDER))).toEqual(library)
  })

  it('replaces what is there as a whole: who has the old one open keeps it', async () => {
    for (const file of FILES) put(into(), file, 'old')
    const open = openSync(join(into(), PROVIDER), 'r')
    await take()
    const seen = Buffer.alloc(10)
    expect(seen.toString('utf8', 0, readSync(open, seen, 0, 10, 0))).toBe('old')
    expect(readFileSync(join(into(), PROVIDER))).toEqual(library)
    expect(inside()).toEqual([...FILES, BINDING].sort())
  })

  it('takes nothing where a file is missing or is no library', async () => {
    for (const file of FILES) put(into(), file, 'old')
    put(from(), SHARED, 'torn')
    await expect(take()).rejects.toThrow(`${SHARED} is no library that loads in ${into()} (it is no library)`)
    rmSync(join(from(), SHARED))
    await expect(take()).rejects.toThrow(`does not hold ${SHARED}`)
    for (const file of FILES) expect(readFileSync(join(into(), file), 'utf8')).toBe('old')
    expect(inside()).toEqual(FILES)
  })

  it('says where it cannot write', async () => {
    writeFileSync(into(), 'a file')
    await expect(take()).rejects.toMatchObject({ code: 'output_unwritable' })
  })
})

describe.skipIf(!linux)('fetching the CUDA provider', () => {
  let server: Server
  let asked: string[]
  /** What the feed has, by path. */
  let feed: Record<string, string | Uint8Array>
  const PACKAGE = '/flat/provider.gpu/1.30.0/provider.gpu.1.30.0.nupkg'
  const path = (file: string) => `runtimes/native/${file}`
  const archiveOf = (content: Uint8Array | string) =>
    zipOf([
      ...FILES.map((file) => ({ name: path(file), data: content })),
      { name: path('libonnxruntime_providers_tensorrt.so'), data: 'large' },
    ])
  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push(request.url!)
      const found = feed[request.url!]
      if (response.headersSent) return
      if (found === undefined) return void response.writeHead(404).end()
      response.writeHead(200, { 'content-length': Buffer.byteLength(found) }).end(found)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    feed = {
      '/index.json': JSON.stringify({
        resources: [
          { '@id': `${base}/search`, '@type': 'SearchQueryService' },
          { '@id': `${base}/flat`, '@type': 'PackageBaseAddress/3.0.0' },
        ],
      }),
      '/flat/provider.gpu/index.json': JSON.stringify({ versions: ['1.29.0', '1.30.0'] }),
      [PACKAGE]: archiveOf(library),
    }
    parts.archive = {
      ...{ index: `${base}/index.json`, name: 'Provider.Gpu', version: '1.30.0' },
      paths: Object.fromEntries(FILES.map((file) => [file, path(file)])),
    }
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })
  const take = () => installCuda(null, {}, parts)

  it('takes its files out of the archive, tells how far it is, and asks for nothing that is there', async () => {
    const told: [number, number | null][] = []
    const tell = (...far: [number, number | null]) => void told.push(far)
    expect(await installCuda(null, { tell }, parts)).toEqual(FILES)
    expect(inside()).toEqual([...FILES, BINDING].sort())
    expect(readFileSync(join(into(), SHARED))).toEqual(library)
    const size = Buffer.byteLength(feed[PACKAGE]!)
    expect(told.at(-1)).toEqual([size, size])
    expect(asked).toEqual(['/index.json', '/flat/provider.gpu/index.json', PACKAGE])
    expect(await installCuda(null, {}, { ...parts, missing: [] })).toEqual([])
    expect(asked.length).toBe(3)
  })

  it('replaces one that does not load', async () => {
    for (const file of FILES) put(into(), file, 'torn')
    expect(await installCuda(null, {}, { ...parts, missing: [] })).toEqual(FILES)
    expect(readFileSync(join(into(), PROVIDER))).toEqual(library)
  })

  it.each<[string, () => void, RegExp]>([
    ['does not answer', () => void server.close(), /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/],
    ['has another thing there', () => (feed['/index.json'] = '<html>'), /is not what a feed of packages has/],
    [
      'has no such version',
      () => (feed['/flat/provider.gpu/index.json'] = '{"versions":["1.29.0"]}'),
      /has no Provider\.Gpu 1\.30\.0/,
    ],
    ['has lost the archive', () => delete feed[PACKAGE], /status 404/],
    [
      'gives a torn archive',
      () => (feed[PACKAGE] = Buffer.from(feed[PACKAGE]!).subarray(0, -40)),
      /what was fetched is damaged/,
    ],
    [
      'gives one with other files',
      () => (feed[PACKAGE] = zipOf([{ name: 'a', data: 'b' }])),
      /is not in what was fetched/,
    ],
    [
      'gives files that are no libraries',
      () => (feed[PACKAGE] = archiveOf('text')),
      /is no library that loads in/,
    ],
  ])('changes nothing where the feed %s, and says so', async (_, spoil, message) => {
    spoil()
    await expect(take()).rejects.toThrow(message)
    expect(inside()).toEqual([])
  })

  it('changes nothing where the connection breaks', async () => {
    server.prependListener('request', (request, response) => {
      if (request.url !== PACKAGE) return
      response.writeHead(200, { 'content-length': 1_000_000 })
      response.write(Buffer.alloc(100_000), () => response.destroy())
    })
    delete feed[PACKAGE]
    await expect(take()).rejects.toThrow(/cannot be reached/)
    expect(inside()).toEqual([])
  })

  it('replaces a copy of onnxruntime itself that does not load', async () => {
    await take()
    put(into(), BINDING, 'torn')
    expect((await cudaState({ ...parts, missing: [] })).problem).toMatch(`${BINDING} does not load`)
    expect(await installCuda(null, {}, { ...parts, missing: [] })).toEqual(FILES)
    expect(readFileSync(join(into(), BINDING))).toEqual(library)
  })

  it('can be done twice at once, and takes away what a killed process left', async () => {
    put(into(), '.old.part', 'large')
    const longAgo = new Date(Date.now() - 3 * 86_400_000)
    utimesSync(join(into(), '.old.part'), longAgo, longAgo)
    expect(await Promise.all([take(), take()])).toEqual([FILES, FILES])
    expect(inside()).toEqual([...FILES, BINDING].sort())
  })

  it('can be stopped', async () => {
    server.removeAllListeners('request')
    const stop = new AbortController()
    server.on('request', () => stop.abort())
    await expect(installCuda(null, { signal: stop.signal }, parts)).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(inside()).toEqual([])
  })
})

it.skipIf(!linux || process.arch !== 'x64')(
  'models run on the libraries beside the provider as soon as it is there',
  async () => {
    vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'))
    const from = join(folder, 'from')
    for (const file of FILES) put(from, file, library)
    let cuda: Machine['cuda'] = null
    await withEngine(async ({ client, engine }) => {
      const where = () => [
        ...new Set(
          readFileSync(`/proc/${engine.inference.pid()}/maps`, 'utf8').match(/\/\S*libonnxruntime\.so\S*/g),
        ),
      ]
      const ask = () => client.call('models.provider', { model: 'cairn-fast', device: 'cpu' })
      cuda = (await client.call('models.machine', {})).cuda
      expect(cuda).toMatchObject({ there: false, files: FILES })
      await ask()
      expect(where()).toEqual([join(cudaParts().installed.folder, 'libonnxruntime.so.1')])
      const job = await client.call('models.setupCuda', { from })
      expect((await ended(client, job)).result).toEqual({ added: FILES })
      expect((await client.call('models.machine', {})).cuda).toMatchObject({ there: true })
      expect(await ask()).toMatchObject({ provider: 'cpu' })
      expect(where()).toEqual([join(cuda!.folder, 'libonnxruntime.so.1')])
    })
    // Damaged, it is in nobody's way.
    put(cuda!.folder, BINDING, 'torn')
    await withEngine(async ({ client }) => {
      const asked = { model: 'cairn-accurate', device: 'auto' } as const
      expect(await client.call('models.provider', asked)).toMatchObject({
        ...{ provider: 'cpu', reason: `${BINDING} does not load (it is no library)` },
      })
      expect((await client.call('models.machine', {})).cuda).toMatchObject({ there: false })
    })
  },
)
