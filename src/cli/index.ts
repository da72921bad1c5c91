import { Command } from 'commander'
import { installPaths } from '#engine/install-paths.ts'
import { toCairnError } from '#shared/errors.ts'
import { analyzeCommand } from './commands/analyze.ts'
import { checkCommand } from './commands/check.ts'
import { classifyCommand } from './commands/classify.ts'
import { curateCommand } from './commands/curate.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { generateCommand } from './commands/generate.ts'
import { graphCommand } from './commands/graph.ts'
import { importCommand } from './commands/import.ts'
import { jobsCommand } from './commands/jobs.ts'
import { judgeCommand } from './commands/judge.ts'
import { labelsCommand } from './commands/labels.ts'
import { modelsCommand } from './commands/models.ts'
import { behavioursCommand } from './commands/behaviours.ts'
import { problemsCommand } from './commands/problems.ts'
import { rejectsCommand } from './commands/rejects.ts'
import { rewriteCommand } from './commands/rewrite.ts'
import { searchCommand } from './commands/search.ts'
import { serveCommand } from './commands/serve.ts'
import { setupCudaCommand } from './commands/setup-cuda.ts'
import { showCommand } from './commands/show.ts'
import { similarCommand } from './commands/similar.ts'
import { statsCommand } from './commands/stats.ts'
import { surprisalCommand } from './commands/surprisal.ts'
import { verifyCommand } from './commands/verify.ts'
import { EXIT, EXIT_HELP, exitCodeOf } from './exit-codes.ts'
import { note, paint } from './terminal.ts'

const program = new Command('cairn')
  .description(
    'Offline workbench for reasoning traces: import rollouts, classify cognitive behaviours, export training files.',
  )
  .version(installPaths().version)
  .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
  .showHelpAfterError('(cairn <command> --help explains)')
  .addHelpText(
    'after',
    `
Start here:
  cairn analyze rollouts.jsonl              behaviours of a file, nothing kept
  cairn import runs/ -w study               or build a workspace …
  cairn classify -w study                   … classify it …
  cairn stats -w study                      … look …
  cairn export sft.jsonl -w study --correct … and export.
${EXIT_HELP}`,
  )
  .exitOverride()

for (const add of [
  analyzeCommand,
  graphCommand,
  importCommand,
  rejectsCommand,
  classifyCommand,
  statsCommand,
  searchCommand,
  similarCommand,
  surprisalCommand,
  showCommand,
  exportCommand,
  curateCommand,
  problemsCommand,
  checkCommand,
  labelsCommand,
  modelsCommand,
  behavioursCommand,
  judgeCommand,
  rewriteCommand,
  verifyCommand,
  generateCommand,
  jobsCommand,
  serveCommand,
  doctorCommand,
  setupCudaCommand,
])
  add(program)

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  note(`${paint('red', 'cairn:', process.stderr)} the output cannot be written: ${error.message}`)
  process.exit(EXIT.failed)
})
// Where nobody reads what is said to the person, the work goes on.
process.stderr.on('error', () => undefined)

try {
  await program.parseAsync()
} catch (thrown) {
  const commanderExit = (thrown as { exitCode?: unknown; code?: unknown } | null)?.exitCode
  if (typeof commanderExit === 'number') process.exitCode = commanderExit === 0 ? EXIT.ok : EXIT.usage
  else {
    const error = toCairnError(thrown)
    note(`${paint('red', 'cairn:', process.stderr)} ${error.message}`)
    if (error.code === 'internal' && process.env['CAIRN_DEBUG'])
      note(String((error.cause as Error | undefined)?.stack))
    process.exitCode = exitCodeOf(error.code)
  }
}
