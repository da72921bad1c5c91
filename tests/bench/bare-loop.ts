/** A process of `bench classify`: loads a model, waits for its start, classifies its texts and tells how many steps. */
import { readFileSync } from 'node:fs'
import { loadClassifier } from '#engine/inference/classifier.ts'

const [modelDir, file, batch] = process.argv.slice(2)
if (process.send !== undefined && modelDir !== undefined && file !== undefined) {
  const tell = process.send.bind(process)
  const size = Number(batch)
  const traces = JSON.parse(readFileSync(file, 'utf8')) as { prompt: string; response: string }[]
  const classifier = await loadClassifier({ modelDir, device: 'cpu', threads: null })
  await classifier.classify(traces.slice(0, size))
  process.once('message', () => {
    void loop().then((steps) => tell(steps))
  })
  tell('ready')

  async function loop(): Promise<number> {
    let steps = 0
    for (let at = 0; at < traces.length; at += size)
      steps += (await classifier.classify(traces.slice(at, at + size))).bounds.length / 2
    return steps
  }
}
