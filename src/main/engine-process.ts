import type { Contents, Electron, UtilityChild } from './electron.ts'
import type { FromEngine, ToEngine } from './engine-messages.ts'
import { IPC } from '../preload/bridge.ts'

export interface EngineProcess {
  /** Connects a page to the engine, starting the engine when it does not run. */
  connect(contents: Contents): void
  /** Lets the engine finish what it writes and end; resolves when its process is gone. */
  close(): Promise<void>
}

/** Time for the engine to come to a stop before it is ended. */
const CLOSE_MS = 5_000
/** An engine that ends this often in this time will not come up by trying again. */
const MAX_STARTS = 5
const STARTS_WITHIN_MS = 30_000

/** Keeps one workspace's engine in a process of its own. Main only brokers ports; no data passes it. */
export function createEngineProcess(
  { utilityProcess, MessageChannelMain }: Pick<Electron, 'utilityProcess' | 'MessageChannelMain'>,
  { entry, workspace, onFailed }: { entry: string; workspace: string; onFailed: (message: string) => void },
): EngineProcess {
  let running: UtilityChild | null = null
  let starts: number[] = []
  let closed = false

  const tell = (child: UtilityChild, message: ToEngine, transfer: unknown[] = []) => {
    child.postMessage(message, transfer as never[])
  }

  const start = (): UtilityChild => {
    const child = utilityProcess.fork(entry, [workspace], { serviceName: 'Cairn engine', stdio: 'inherit' })
    child.on('message', (message) => {
      const { kind, error } = message as FromEngine
      if (kind !== 'failed') return
      closed = true
      child.kill()
      onFailed(error.message)
    })
    child.on('exit', () => {
      if (running === child) running = null
    })
    return child
  }

  const mayStart = () => {
    const now = Date.now()
    starts = [...starts.filter((at) => now - at < STARTS_WITHIN_MS), now]
    return starts.length <= MAX_STARTS
  }

  return {
    connect(contents) {
      if (closed) return
      if (running === null && !mayStart()) {
        closed = true
        onFailed('The engine keeps ending right after its start. What was saved is kept; start Cairn again.')
        return
      }
      running ??= start()
      const { port1, port2 } = new MessageChannelMain()
      tell(running, { kind: 'client' }, [port1])
      contents.postMessage(IPC.port, null, [port2] as never[])
    },
    close() {
      closed = true
      const child = running
      if (child === null) return Promise.resolve()
      return new Promise((done) => {
        const late = setTimeout(() => child.kill(), CLOSE_MS)
        child.on('exit', () => {
          clearTimeout(late)
          done()
        })
        tell(child, { kind: 'close' })
      })
    },
  }
}
