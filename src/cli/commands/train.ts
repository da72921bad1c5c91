import type { Command } from 'commander'
import { OwnHead } from '#shared/contract/own.ts'
import { findOwn } from '../own-behaviour.ts'
import { follow, withWorkspace, type Session } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags {
  workspace: string
  json?: boolean
}

/** Adds `train NAME` to `cairn behaviours` and to `cairn models`: a head for a behaviour of the workspace's own. */
export function trainCommand(group: Command): void {
  const command = group
    .command('train')
    .summary('learn a behaviour of your own from its labels')
    .argument('<name>', 'the behaviour')
    .option('--json', 'print JSON')
  addWorkspaceOption(command)
  command.action((name: string, { workspace, json }: Flags) =>
    withWorkspace(workspace, { create: false }, (session) => train(session, name, json === true)),
  )
}

async function train(session: Session, name: string, json: boolean): Promise<void> {
  const job = await session.client.call('own.train', {
    behaviour: (await findOwn(session.client, name)).id,
  })
  const head = OwnHead.parse((await follow(session.client, job, 'Learning')).result)
  if (json) return print(JSON.stringify(head, null, 2))
  const [precision, recall, f1] = [head.precision, head.recall, head.f1].map(
    (value) => value?.toFixed(2) ?? '–',
  )
  print(
    `${name}: F1 ${f1!} (precision ${precision!}, recall ${recall!}; chance ${head.chance.toFixed(2)}) on left-out traces; ${count(head.examples)} of ${count(head.steps)} steps in ${count(head.traces)} traces show it; learnt in ${head.seconds.toFixed(1)} s.`,
  )
  if (head.warning !== '') note(head.warning)
}
