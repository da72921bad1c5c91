import { createWriteStream } from 'node:fs'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { ProviderArchive } from './cuda-parts.ts'

/** Of a feed's service index: where its packages lie. */
const Index = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) })
const PACKAGES = 'PackageBaseAddress/3.0.0'
const Versions = z.object({ versions: z.array(z.string()) })

/** A server that says nothing for this long has gone. */
const SILENCE_MS = 30_000

/** Hears how far a download is, in bytes; `total` null where the feed does not say. */
export type Told = (done: number, total: number | null) => void

/**
 * Fetches an archive of a NuGet feed (V3) into a file.
 * @throws Error saying what did not answer, or how; what `signal` was aborted with
 */
export async function fetchArchive(
  { index, name, version }: ProviderArchive,
  file: string,
  tell: Told,
  signal: AbortSignal,
): Promise<void> {
  const read = async <T>(url: string, schema: z.ZodType<T>): Promise<T> => {
    const answer = await get(url, signal)
    const content = await json(answer).catch((thrown: unknown) => {
      if (thrown instanceof SyntaxError) return null
      throw gone(url, thrown)
    })
    const read = schema.safeParse(content)
    if (read.success) return read.data
    throw new Error(`${url} is not what a feed of packages has there`)
  }
  const { resources } = await read(index, Index)
  const base = resources.find((resource) => resource['@type'] === PACKAGES)?.['@id'].replace(/\/?$/, '/')
  if (base === undefined) throw new Error(`${index} names no place of its packages`)
  const [id, wanted] = [name.toLowerCase(), version.toLowerCase()]
  const { versions } = await read(`${base}${id}/index.json`, Versions)
  if (!versions.includes(wanted)) throw new Error(`the feed has no ${name} ${version}`)

  const url = `${base}${id}/${wanted}/${id}.${wanted}.nupkg`
  const answer = await get(url, signal)
  const length = Number(answer.headers['content-length'])
  const total = length > 0 ? length : null
  let done = 0
  async function* counted() {
    try {
      for await (const chunk of answer as AsyncIterable<Uint8Array>) {
        yield chunk
        tell((done += chunk.length), total)
      }
    } catch (thrown) {
      throw gone(url, thrown)
    }
  }
  await pipeline(counted, createWriteStream(file), { signal })
}

/**
 * An answer of status 200. `fetch` is not used: that of Node ends the process (a failed assertion outside of any promise)
 * where a server closes the connection before everything it has sent was read.
 */
function get(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? getSecure : getPlain)(url, { signal }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer)
      answer.resume()
      reject(new Error(`${url} answers with status ${answer.statusCode}`))
    })
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error('it says nothing')))
    request.on('error', (thrown) => reject(gone(url, thrown)))
  })
}

function gone(url: string, thrown: unknown): Error {
  const { code, message } = thrown as { code?: unknown; message: string }
  return new Error(`${new URL(url).host} cannot be reached (${typeof code === 'string' ? code : message})`)
}
