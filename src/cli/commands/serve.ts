import { once } from 'node:events'
import type { Command } from 'commander'
import { installPaths } from '#engine/install-paths.ts'
import { startWebHost } from '#web/host.ts'
import { startOnUsualPort, usualPort } from '#web/usual-port.ts'
import { parseNumber } from '../option-values.ts'
import { openBrowser } from '../open-browser.ts'
import { withWorkspace } from '../session.ts'
import { note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

export function serveCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the app to a browser on this machine')
    .option(
      '-p, --port <n>',
      "port on 127.0.0.1; 0 takes any free one (default: the workspace's own, the same each time, where it is free)",
      parseNumber,
    )
    .option('-o, --open', 'open the browser on it')
    .addHelpText(
      'after',
      `
Listens on 127.0.0.1 only; the link it prints carries this launch's token. A browser keeps theme, keys, columns and
what was not sent yet for each port by itself. From another machine, tunnel:
  ssh -L 8800:127.0.0.1:8800 box cairn serve -w study -p 8800`,
    )
  addWorkspaceOption(command)
  command.action(async (flags: { workspace: string; port?: number; open?: boolean }) => {
    await withWorkspace(flags.workspace, { create: true }, async ({ engine }) => {
      const { workspace, port } = flags
      const served = { engine, rendererDir: installPaths().rendererDir }
      const host =
        port === undefined
          ? await startOnUsualPort(workspace, served)
          : await startWebHost({ ...served, port })
      print(host.url)
      if (port === undefined && host.port !== usualPort(workspace))
        note(
          `Port ${usualPort(workspace)}, this workspace's own, is taken: what a browser kept there is not shown here.`,
        )
      if (flags.open) openBrowser(host.url)
      note(`Serving ${workspace}. Ctrl+C stops; everything is saved as it is made.`)
      try {
        await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
      } finally {
        await host.close()
      }
    })
  })
}
