import { once } from 'node:events'
import type { Command } from 'commander'
import { installPaths } from '#engine/install-paths.ts'
import { startWebHost } from '#web/host.ts'
import { parseNumber } from '../option-values.ts'
import { openBrowser } from '../open-browser.ts'
import { withWorkspace } from '../session.ts'
import { note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

export function serveCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the app to a browser on this machine')
    .option('-p, --port <n>', 'port on 127.0.0.1; 0 takes any free one', parseNumber, 0)
    .option('-o, --open', 'open the browser on it')
    .addHelpText(
      'after',
      `
Listens on 127.0.0.1 only; the link it prints carries this launch's token. From another machine, tunnel:
  ssh -L 8800:127.0.0.1:8800 box cairn serve -w study -p 8800`,
    )
  addWorkspaceOption(command)
  command.action(async (flags: { workspace: string; port: number; open?: boolean }) => {
    await withWorkspace(flags.workspace, { create: true }, async ({ engine }) => {
      const host = await startWebHost({ engine, rendererDir: installPaths().rendererDir, port: flags.port })
      print(host.url)
      if (flags.open) openBrowser(host.url)
      note(`Serving ${flags.workspace}. Ctrl+C stops; everything is saved as it is made.`)
      try {
        await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
      } finally {
        await host.close()
      }
    })
  })
}
