import { CairnError } from '#shared/errors.ts'
import type { Mapping } from '../types.ts'
import { fieldsSeen } from '../mapping.ts'
import { fieldsOf, guessFanned, guessField, guessPrompt, guessResponse, guessSides } from './support/guess.ts'
import { keyPath } from './support/path.ts'
import type { JsonObject } from './support/record.ts'
import { mappingShape, records } from './support/shape.ts'

/** A mapping guessed from field names, or null when no field looks like a response. */
function guess(sample: readonly JsonObject[]): Mapping['fields'] | null {
  const fields = fieldsOf(sample)
  const response = guessResponse(fields, new Set())
  if (response === null) return null
  const used = new Set([response.key])
  const reasoning = guessField(fields, 'reasoning', used)
  if (reasoning !== null) used.add(reasoning)
  const prompt = guessPrompt(fields, used)
  if (prompt !== null) used.add(prompt)
  const messages = guessField(fields, 'messages', used)
  if (messages !== null) used.add(messages)
  return {
    response: response.path,
    ...(reasoning === null ? {} : { reasoning: keyPath(reasoning) }),
    ...(prompt === null ? {} : { prompt: keyPath(prompt) }),
    ...(messages === null ? {} : { messages: keyPath(messages) }),
    ...guessSides(fields, used),
    ...(response.path.includes('[*]') ? guessFanned(fields, response) : {}),
  }
}

/** Any records with a field that looks like a response, and any records read by a mapping of the user's. */
export const namedFields = mappingShape({
  id: 'fields',
  title: 'Fields by name',
  detect: (sample) => (guess(records(sample)) === null ? 0 : 0.3),
  fields: (sample) => {
    const fields = guess(sample)
    if (fields !== null) return fields
    const seen = [...new Set(sample.flatMap((record) => Object.keys(record)))]
    throw new CairnError(
      'mapping_invalid',
      `No field looks like a response. ${fieldsSeen(seen)} Map one to response.`,
    )
  },
})
