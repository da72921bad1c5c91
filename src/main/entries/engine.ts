import { createEngine, type Engine } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { toCairnError } from '#shared/errors.ts'
import type { PortMain } from '../electron.ts'
import type { FromEngine, ToEngine } from '../engine-messages.ts'
import { portChannel } from '../port-channel.ts'

/** Entry of the engine's process: one engine on one workspace, one channel for each port it is sent. */

interface ParentPort {
  on(event: 'message', listener: (message: { data: ToEngine; ports: PortMain[] }) => void): unknown
  postMessage(message: FromEngine): void
}

const { parentPort } = process as unknown as { parentPort: ParentPort }
const engine = open(process.argv[2]!)

parentPort.on('message', ({ data, ports }) => {
  const [port] = ports
  if (data.kind === 'client' && port) engine?.attach(portChannel(port))
  if (data.kind === 'close') void close()
})

function open(workspace: string): Engine | null {
  try {
    const { entries, modelsDir, version } = installPaths()
    return createEngine({ workspace, create: true, entries, modelsDir, version })
  } catch (thrown) {
    const { code, message } = toCairnError(thrown)
    parentPort.postMessage({ kind: 'failed', error: { code, message } })
    return null
  }
}

async function close(): Promise<void> {
  await engine?.close()
  process.exit(0)
}
