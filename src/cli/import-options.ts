import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { MappingSchema, type ImportCounts, type ImportInput } from '#shared/contract/imports.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { CairnError } from '#shared/errors.ts'
import { EXIT } from './exit-codes.ts'
import { parseNumber } from './option-values.ts'
import { count, note, paint } from './terminal.ts'

type Mapping = NonNullable<ImportInput['mapping']>

export interface ImportFlags {
  run?: string
  checkpoint?: number
  shape?: string
  /** Where it lies, or what a manifest says of it. */
  mapping?: string | Mapping
  strict?: boolean
}

/** Adds the options that say how files are read; the same on `import` and `analyze`. */
export function addImportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--run <name>', 'name of the run, instead of the one from fields, folder or file name'),
    )
    .addOption(
      new Option('--checkpoint <n>', 'training step, instead of the one found').argParser(parseNumber),
    )
    .option('--shape <id>', 'read the records as this shape, instead of the detected one')
    .option(
      '--mapping <file>',
      'JSON file {"shape": …, "fields": {"response": "a.b", …}}; see "import --preview"',
    )
    .option('--strict', 'exit with 3 when a record is rejected or a file cannot be read')
}

export function toImportInput(paths: string[], flags: ImportFlags): ImportInput {
  return {
    paths,
    ...(flags.run !== undefined && { run: flags.run }),
    ...(flags.checkpoint !== undefined && { checkpoint: flags.checkpoint }),
    ...(flags.shape !== undefined && { shape: flags.shape }),
    ...(flags.mapping !== undefined && { mapping: toMapping(flags.mapping) }),
  }
}

/**
 * The traces that `--run` and `--checkpoint` select where a workspace stands in the place of files.
 * @throws CairnError `bad_request` when another option says how files are to be read or classified
 */
export function selectionOf({
  run,
  checkpoint,
  shape,
  mapping,
  strict,
  model,
  device,
}: ImportFlags & { model?: string; device?: string }): FilterInput {
  const given = (options: object) => Object.entries(options).find(([, value]) => value !== undefined)?.[0]
  const reading = given({ shape, mapping, strict })
  if (reading !== undefined)
    throw new CairnError(
      'bad_request',
      `--${reading} says how files are read, and a workspace is not read anew: leave it out, or name files.`,
    )
  const classifying = given({ model, device })
  if (classifying !== undefined)
    throw new CairnError(
      'bad_request',
      `--${classifying} says how files are classified, and a workspace has its predictions: leave it out ("cairn classify" makes new ones), or name files.`,
    )
  return {
    ...(run !== undefined && { runs: [run] }),
    ...(checkpoint !== undefined && { checkpoint: { min: checkpoint, max: checkpoint } }),
  }
}

function toMapping(mapping: string | Mapping): Mapping {
  return typeof mapping === 'string' ? readMapping(mapping) : mapping
}

function readMapping(path: string): Mapping {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new CairnError(
      'mapping_invalid',
      `The mapping ${path} cannot be read: ${(cause as Error).message}.`,
      { path },
    )
  }
  const parsed = MappingSchema.safeParse(json)
  if (!parsed.success)
    throw new CairnError(
      'mapping_invalid',
      `${path} is not a mapping: ${parsed.error.issues[0]?.message ?? ''}.`,
      { path },
    )
  return parsed.data
}

/** What an import job reports when it is done. */
export interface ImportReport extends ImportCounts {
  files: ({ file: string; shape: string; container: string } & ImportCounts)[]
  failures: { file: string; code: string; message: string }[]
  skipped: { name: string; reason: string }[]
}

export function importReport(job: Job): ImportReport {
  return job.result as unknown as ImportReport
}

/** Tells on standard error what was read and what was not; nothing is passed over in silence. */
export function noteImport(report: ImportReport, rejectsHint: string): void {
  note(
    `${count(report.read)} read = ${count(report.imported)} imported + ${count(report.duplicates)} duplicates + ${count(report.rejected)} rejected`,
  )
  for (const { name, reason } of report.skipped)
    note(paint('dim', `skipped ${name}: ${reason}`, process.stderr))
  for (const { message } of report.failures) note(`${paint('red', 'not read', process.stderr)} ${message}`)
  if (report.rejected > 0)
    note(`${paint('yellow', `${count(report.rejected)} rejected`, process.stderr)}${rejectsHint}`)
}

/** Exit code when no file could be read: a shape or mapping that does not exist is wrong use. */
export function failureExit({ failures }: ImportReport): number {
  return failures.every(({ code }) => code === 'mapping_invalid') ? EXIT.usage : EXIT.failed
}

/** Whether `--strict` has something to complain of. */
export function isUnclean(report: ImportReport): boolean {
  return report.rejected > 0 || report.failures.length > 0
}
