import type { ImportInput } from '#shared/contract/imports.ts'
import type { Overrides } from '../importers/reader.ts'

type Given = Omit<ImportInput, 'paths'>

/**
 * How a file is to be read: what was said of the file itself, else what was said of the whole import.
 * Null when the file is left out.
 */
export function overridesOf({ files, ...all }: Given, file: string): Overrides | null {
  const own = files?.find((one) => one.file === file)
  if (own?.leaveOut === true) return null
  // A mapping belongs to its shape: what is said of the file takes the place of both.
  const reading = own?.shape === undefined && own?.mapping === undefined ? all : own
  return {
    run: own?.run ?? all.run ?? null,
    checkpoint: own?.checkpoint ?? all.checkpoint ?? null,
    shape: reading.shape ?? null,
    mapping: reading.mapping ?? null,
  }
}

/** A shape's message without the code that it begins with; the code is told beside it. */
export function withoutCode(message: string): string {
  return message.replace(/^no_response: (.)/, (_all, first: string) => first.toUpperCase())
}
