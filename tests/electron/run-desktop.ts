import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MessagePort } from 'node:worker_threads'
import { workerChannel } from '#engine/channels.ts'
import type { EngineClient } from '#engine/create-engine.ts'
import { connect } from '#shared/rpc/client.ts'
import type { CairnBridge } from '../../src/preload/bridge.ts'
import type * as StandIn from './stand-in.ts'

/**
 * Runs the built desktop host under plain Node against the stand-in, does what a person would do, and
 * prints what came of it as JSON. Arguments: folder of the built files, two workspace folders.
 */
const [, , out, first, second] = process.argv as [string, string, string, string, string]

const standInUrl = pathToFileURL(join(import.meta.dirname, 'stand-in.ts')).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standInUrl, shortCircuit: true } : next(specifier, context),
})
const standIn = (await import(standInUrl)) as typeof StandIn
const { record, handlers, answers, exposed, app } = standIn

const page = new EventTarget()
Object.assign(globalThis, {
  window: {
    location: { origin: 'app://cairn' },
    postMessage(data: unknown, targetOrigin: string, ports: MessagePort[]) {
      page.dispatchEvent(Object.assign(new Event('message'), { data, origin: targetOrigin, ports }))
    },
  },
})

const PATIENCE_MS = Number(process.env['STAND_IN_PATIENCE_MS'] ?? 20_000)
const until = async (what: string, met: () => boolean): Promise<void> => {
  for (let waited = 0; !met(); waited += 20) {
    if (waited > PATIENCE_MS) throw new Error(`Waited in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}
const bridge = () => exposed['cairn'] as CairnBridge

interface Connection {
  client: EngineClient
  closed: Promise<void>
  data: unknown
}

const nextPort = (): Promise<Connection> =>
  new Promise((done) => {
    page.addEventListener(
      'message',
      (event) => {
        const { data, ports } = event as unknown as { data: unknown; ports: MessagePort[] }
        const channel = workerChannel(ports[0]!)
        const closed = new Promise<void>((gone) => {
          channel.onClose(gone)
        })
        done({ client: connect(channel), closed, data })
      },
      { once: true },
    )
    bridge().connect()
  })

process.argv = [process.execPath, out, `--workspace=${first}`]
await import(pathToFileURL(join(resolve(out), 'main/index.js')).href)
await until('the first window', () => record.windows[0]?.shown === true)
const window = record.windows[0]!

const connection = await nextPort()
const info = await connection.client.call('workspace.info', {})
const checked = await connection.client.call('workspace.check', {})

const decide = (permission: string) => {
  let decision: boolean | null = null
  handlers.permissionRequest?.(null, permission, (granted) => (decision = granted))
  return decision
}
const cancelled = (url: string) => {
  let cancel: boolean | null = null
  handlers.beforeRequest?.({ url }, (response) => (cancel = response.cancel))
  return cancel
}
const denied = (name: string) => {
  let prevented = false
  window.webContents.emit(name, { preventDefault: () => (prevented = true) })
  return prevented
}
const fetchApp = async (url: string) => {
  const answer = await handlers.protocol.get('app')!(new Request(url))
  return answer.status
}

const security = {
  permissions: Object.fromEntries(
    [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'clipboard-sanitized-write',
      'openExternal',
    ].map((name) => [name, decide(name)]),
  ),
  permissionCheck: [
    handlers.permissionCheck?.(null, 'clipboard-sanitized-write', 'app://cairn/'),
    handlers.permissionCheck?.(null, 'clipboard-sanitized-write', 'https://evil.example/'),
    handlers.permissionCheck?.(null, 'media', 'app://cairn/'),
  ],
  device: handlers.device?.(),
  cancelled: Object.fromEntries(
    [
      'https://example.com/',
      'http://127.0.0.1:80/',
      'ws://example.com/',
      'file:///etc/passwd',
      'app://other/index.html',
      'app://cairn.evil.example/',
      'app://cairn/index.html',
      'blob:app://cairn/1-2-3',
      'data:image/png;base64,AA==',
    ].map((url) => [url, cancelled(url)]),
  ),
  denied: Object.fromEntries(
    ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview'].map((name) => [
      name,
      denied(name),
    ]),
  ),
  windowOpen: window.webContents.windowOpen?.(),
  pages: {
    index: await fetchApp('app://cairn/'),
    missing: await fetchApp('app://cairn/missing.js'),
    outside: await fetchApp('app://cairn/..%2f..%2fpackage.json'),
    otherHost: await fetchApp('app://other/index.html'),
  },
}

const { webContents } = window
const strangers = [
  { sender: webContents, senderFrame: { url: 'https://evil.example/' } },
  { sender: webContents, senderFrame: { url: 'app://cairn/' } },
  { sender: webContents, senderFrame: null },
  {
    sender: { ...webContents, mainFrame: webContents.mainFrame } as never,
    senderFrame: webContents.mainFrame,
  },
]
let strangersPorts = 0
const countPort = () => strangersPorts++
page.addEventListener('message', countPort)
const refusals = strangers.map((event) => {
  standIn.sendFrom(event, 'cairn:connect')
  try {
    standIn.sendFrom(event, 'cairn:choose-files')
    return 'answered'
  } catch (error) {
    return (error as Error).message
  }
})

await new Promise((done) => setTimeout(done, 50))
page.removeEventListener('message', countPort)

answers.open.push(['/data/a.jsonl', '/data/b.parquet'], [], ['/data'])
answers.save.push('/data/out.jsonl')
const dialogs = {
  files: await bridge().chooseFiles(),
  cancelled: await bridge().chooseFiles(),
  folder: await bridge().chooseFolder(),
  save: await bridge().chooseSavePath('../../etc/prime.jsonl'),
  dropped: bridge().pathOf({ name: 'run.jsonl' } as File),
  options: record.dialogs.slice(),
}

const commands: string[] = []
const stop = bridge().onMenu((command) => commands.push(command))
const fileMenu = record.menu.find(({ label }) => label === 'File')!.submenu!
fileMenu.find(({ label }) => label === 'Import…')!.click!()
stop()
fileMenu.find(({ label }) => label === 'Import…')!.click!()

process.kill(record.children[0]!.pid!, 'SIGKILL')
const pending = await connection.client.call('jobs.list', {}).then(
  () => 'answered',
  (error: { code?: string }) => error.code,
)
await connection.closed
const again = await nextPort()
const afterCrash = await again.client.call('workspace.info', {})

standIn.secondLaunch({ workspace: first })
const windowsAfterSame = record.windows.length
const focusedBySame = window.focused
standIn.secondLaunch({ workspace: second })
await until('the second window', () => record.windows[1]?.shown === true)
const other = await nextPort()
const otherInfo = await other.client.call('workspace.info', {})
const recent = (await bridge().recentWorkspaces()).map(({ folder }) => folder)

const locked = record.children.length
for (const open of record.windows.slice()) open.close()
app.quit()
await until('the engines to end', () => record.children.every(({ code }) => code !== null))
await until('the app to quit', () => record.quits > 0)

console.log(
  JSON.stringify({
    record: { ...record, windows: undefined, menu: record.menu.map(({ label, role }) => label ?? role) },
    windowOptions: window.options,
    page: { status: window.page?.status, headers: Object.fromEntries(window.page?.headers ?? []) },
    portMessage: connection.data,
    info,
    checked,
    security,
    refusals,
    strangersPorts,
    dialogs,
    commands,
    pending,
    afterCrash,
    windowsAfterSame,
    focusedBySame,
    otherInfo,
    recent,
    locked,
  }),
)
process.exit(0)
