import type { Command } from 'commander'
import type { ModelRunResult } from '#shared/contract/classify.ts'
import type { JobKind } from '#shared/contract/jobs.ts'
import { noteUnread } from '../model-run.ts'
import { parseNumber } from '../option-values.ts'
import { follow, withWorkspace } from '../session.ts'
import { note, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

/** Jobs in which a model goes through traces. */
const MODEL_RUNS: ReadonlySet<JobKind> = new Set(['classify', 'vectors', 'surprisal', 'own-classify'])

export function jobsCommand(program: Command): void {
  const jobs = program
    .command('jobs')
    .summary('list the jobs of a workspace, resume one that was interrupted')
  const list = jobs
    .command('list', { isDefault: true })
    .summary('the last jobs and how they ended')
    .option('--json', 'one JSON object a line')
  addWorkspaceOption(list)
  list.action(async (flags: { workspace: string; json?: boolean }) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const all = await client.call('jobs.list', {})
      if (flags.json) for (const job of all) print(JSON.stringify(job))
      else if (all.length === 0) note('No jobs yet.')
      else
        print(
          table(
            ['job', 'kind', 'state', 'updated', 'traces', 'note'],
            all.map(({ id, kind, state, updatedAt, progress, error }) => [
              id,
              kind,
              state,
              updatedAt,
              progress.traces,
              error?.message ?? progress.note,
            ]),
          ),
        )
    })
  })
  const resume = jobs
    .command('resume')
    .summary('go on with a cancelled, failed or interrupted job')
    .argument('<job>', 'its number', parseNumber)
  addWorkspaceOption(resume)
  resume.action(async (id: number, flags: { workspace: string }) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const job = await follow(client, await client.call('jobs.resume', { id }), 'Resuming')
      if (MODEL_RUNS.has(job.kind)) noteUnread(job.result as unknown as Pick<ModelRunResult, 'failures'>)
      print(JSON.stringify(job.result, null, 2))
    })
  })
}
