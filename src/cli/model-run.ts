import type { Command } from 'commander'
import type { EngineClient } from '#engine/create-engine.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { ModelRunResult, Place, UnreadTraces } from '#shared/contract/classify.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { unreadText } from '#shared/domain/unread-text.ts'
import { EXIT } from './exit-codes.ts'
import { addFilterOptions, toFilter, type FilterFlags } from './filter-options.ts'
import { addPlaceOptions, placeFrom, type PlaceFlags } from './model-options.ts'
import { follow } from './session.ts'
import { count, note, print } from './terminal.ts'
import { addWorkspaceOption } from './workspace-option.ts'

/** Which traces a model is to look at, and where it runs. */
export interface RunFlags extends FilterFlags, PlaceFlags {
  workspace: string
  model?: string
}

/** Adds the options of a command that has a model look at traces. */
export function addRunOptions(command: Command): void {
  addWorkspaceOption(command)
  addPlaceOptions(command)
  addFilterOptions(command)
}

/** The same as the contract takes it: what was not said is left out. */
export async function runFrom(
  flags: RunFlags,
  client: EngineClient,
): Promise<Place & { filter: FilterInput; model?: string }> {
  return {
    filter: await toFilter(flags, client),
    ...placeFrom(flags),
    ...(flags.model !== undefined && { model: flags.model }),
  }
}

/** Of the last two that which the kind of job counts. */
type Ran = ModelRunResult & { steps: number; tokens: number }

/**
 * Follows a model's job to its end and tells which model ran where, and what it did: in words, or as JSON.
 * @throws CairnError as `follow`
 */
export async function followRun(
  client: EngineClient,
  started: Job,
  { label, words, json = false }: { label: string; words: (ran: Ran) => string; json?: boolean | undefined },
): Promise<void> {
  const ran = (await follow(client, started, label)).result as unknown as Ran
  noteUnread(ran)
  if (json) return print(JSON.stringify(ran))
  note(`${ran.model} ${ran.version} on ${ran.provider} (${ran.reason})`)
  note(`${count(ran.traces)} traces, ${words(ran)}`)
}

/** Says which traces a model could not read; where there are any, the command has failed at them. */
export function noteUnread({ failures }: { failures: readonly UnreadTraces[] }): void {
  for (const one of failures) note(unreadText(one))
  if (failures.length > 0) process.exitCode = EXIT.failed
}
