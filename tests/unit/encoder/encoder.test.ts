import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadClassifier, type Classifier } from '#engine/inference/classifier.ts'
import { readManifest } from '#engine/inference/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { stepPieces, windowsOf } from '#shared/domain/encoder/windows.ts'
import { createWordPieces } from '#shared/domain/encoder/word-pieces.ts'

interface Golden {
  texts: { text: string; pieces: number[] }[]
  traces: {
    id: string
    prompt: string | null
    text: string
    bounds: number[]
    pieces: number[][]
    windows: { first: number; ids: number[]; spans: [number, number][] }[]
    probabilities: number[][]
  }[]
}

const root = resolve(import.meta.dirname, '../../..')
const folder = resolve(root, 'resources/models/cairn-accurate')
const vectors = resolve(root, 'tests/fixtures/models/golden-accurate.json')

describe('cairn-accurate', () => {
  const golden = JSON.parse(readFileSync(vectors, 'utf8')) as Golden
  const manifest = readManifest(folder)
  if (manifest.kind !== 'encoder') throw new Error('cairn-accurate is an encoder')
  const pieces = createWordPieces(
    JSON.parse(readFileSync(resolve(folder, 'tokenizer.json'), 'utf8')) as object,
  )
  let classifier: Classifier
  beforeAll(async () => {
    classifier = await loadClassifier({ modelDir: folder, device: 'cpu', threads: null })
  })
  afterAll(() => classifier.release())

  it('reads the word pieces and windows it was trained on', () => {
    const { sep } = manifest.windows
    for (const { text, pieces: expected } of golden.texts) expect([...pieces(text), sep]).toEqual(expected)
    for (const trace of golden.traces) {
      const own = stepPieces(trace.text, Uint32Array.from(trace.bounds), pieces, manifest.windows)
      expect(own).toEqual(trace.pieces)
      expect(windowsOf(own, manifest.windows)).toEqual(trace.windows)
    }
  })

  it('gives the probabilities stored when it was trained', async () => {
    for (const { prompt, text, bounds, probabilities } of golden.traces) {
      const found = await classifier.classify([{ prompt: prompt ?? '', response: text }])
      expect([...found.bounds]).toEqual(bounds)
      for (const [at, expected] of probabilities.flat().entries())
        expect(Math.abs(found.probabilities[at]! - expected)).toBeLessThan(5e-3)
    }
  })

  it('gives a trace the very same probabilities alone and among others', async () => {
    const traces = golden.traces.map(({ prompt, text }) => ({ prompt: prompt ?? '', response: text }))
    const together = await classifier.classify([{ prompt: '', response: '' }, ...traces])
    const alone = await Promise.all(traces.map((trace) => classifier.classify([trace])))
    const joined = alone.flatMap(({ probabilities }) => [...probabilities])
    expect(together.steps[0]).toBe(0)
    expect(together.probabilities).toHaveLength(joined.length)
    for (const [at, expected] of joined.entries())
      expect(Math.abs(together.probabilities[at]! - expected)).toBeLessThan(1e-6)
    expect(together.probabilities).toHaveLength(
      golden.traces.reduce((sum, { bounds }) => sum + (bounds.length / 2) * BEHAVIOURS.length, 0),
    )
  })
})
