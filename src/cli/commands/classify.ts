import type { Command } from 'commander'
import { addRunOptions, followRun, runFrom, type RunFlags } from '../model-run.ts'
import { withWorkspace } from '../session.ts'
import { count } from '../terminal.ts'

interface ClassifyFlags extends RunFlags {
  force?: boolean
  beside?: boolean
  json?: boolean
}

export function classifyCommand(program: Command): void {
  const command = program
    .command('classify')
    .summary('predict the behaviours of every step')
    .option('--force', 'classify again what has a current prediction')
    .option('--beside', 'keep the predictions beside those of another model, for comparing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Only traces without a prediction of this model version are classified; Ctrl+C keeps what is done, and the
same command goes on from there. What a model said before another was used is kept: naming it again shows it
without computing. Without --model it is the model that the workspace has been using, in a new one cairn-accurate;
cairn-fast is for whole corpora on a CPU.

Examples:
  cairn classify
  cairn classify --run dpo --device cpu
  cairn classify --model cairn-fast`,
    )
  addRunOptions(command)
  command.action(async (flags: ClassifyFlags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const { force = false, beside = false } = flags
      const started = await client.call('classify.start', {
        ...(await runFrom(flags, client)),
        force,
        beside,
      })
      await followRun(client, started, {
        label: 'Classifying',
        json: flags.json,
        words: ({ steps }) => `${count(steps)} steps classified`,
      })
    })
  })
}
