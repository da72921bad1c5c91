import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, cairnNode } from './pinned-node.js'

const SAMPLE = join(ROOT, '.cairn-sample')

/**
 * Folder of the sample workspace: the samples that come with Cairn, imported and classified. Made when
 * it is missing, aside and then put in place, so that an interrupted attempt leaves nothing half done.
 * @throws Error when a step fails; the command has said why
 */
export function sampleWorkspace() {
  if (existsSync(join(SAMPLE, 'cairn.db'))) return SAMPLE
  const unfinished = join(ROOT, '.cache/sample')
  for (const folder of [unfinished, SAMPLE]) rmSync(folder, { recursive: true, force: true })
  cairn('import', 'resources/samples', '-w', unfinished)
  cairn('classify', '--model', 'cairn-fast', '-w', unfinished)
  cairn('stats', '-w', unfinished)
  renameSync(unfinished, SAMPLE)
  return SAMPLE
}

function cairn(command, ...args) {
  const { status } = spawnSync(cairnNode(), [join(ROOT, 'out/main/cli.js'), command, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`the sample workspace could not be made ("cairn ${command}" failed)`)
}
