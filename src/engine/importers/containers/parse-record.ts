import { isAscii, isUtf8 } from 'node:buffer'
import type { Json } from '#shared/domain/trace.ts'
import { RAW_LIMIT, type ContainerItem, type Place, type RejectCode } from '../types.ts'
import { nestsDeeperThan } from './depth.ts'
import { parseJson } from './lenient-json.ts'
import { DEPTH_LIMIT } from './options.ts'

/** A rejected item. The bytes are copied: a reject may be kept long after its batch is gone. */
export function reject(
  code: RejectCode,
  message: string,
  at: Place,
  raw: Uint8Array,
  traces = 1,
): ContainerItem {
  return { reject: { code, message, at, raw: Uint8Array.from(raw.subarray(0, RAW_LIMIT)), traces } }
}

/** Parses one record's bytes. `torn` says that the file ends right behind them. */
export function parseRecord(bytes: Buffer, at: Place, facts: { torn?: boolean } = {}): ContainerItem {
  const ascii = isAscii(bytes)
  if (!ascii && !isUtf8(bytes)) return reject('invalid_encoding', encodingMessage(bytes), at, bytes)
  let value: Json
  try {
    // ASCII decoded as Latin-1 is the same text and a good deal faster.
    value = parseJson(bytes.toString(ascii ? 'latin1' : 'utf8'))
  } catch (thrown) {
    if (facts.torn === true && isUnfinished(bytes)) {
      return reject(
        'torn_record',
        'The file ends in the middle of this record; it was cut off or is still being written.',
        at,
        bytes,
      )
    }
    return reject('invalid_json', jsonMessage(thrown), at, bytes)
  }
  if (nestsDeeperThan(value, DEPTH_LIMIT)) {
    return reject('too_deep', `The record nests deeper than ${DEPTH_LIMIT} levels.`, at, bytes)
  }
  return { record: { value, at, raw: bytes } }
}

/** The reject of a record beyond the size limit; `head` is its beginning. */
export function tooLarge(length: number, limit: number, at: Place, head: Uint8Array): ContainerItem {
  const message = `The record is longer than ${limit} bytes (${length} bytes); split it or raise the limit.`
  return reject('record_too_large', message, at, head)
}

function jsonMessage(thrown: unknown): string {
  const told = thrown instanceof Error ? thrown.message : String(thrown)
  // V8 counts lines within the record, which would stand beside the line of the file.
  const reason = told.replace(/ at position (\d+) \(line \d+ column \d+\)/, ' at position $1 of the record')
  return `Not valid JSON: ${reason.length > 200 ? `${reason.slice(0, 200)}…` : reason}.`
}

/** Says where valid UTF-8 ends and how to mend the file. */
export function encodingMessage(bytes: Buffer): string {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8')
  let index = 0
  while (index < bytes.length && bytes[index] === again[index]) index++
  const byte = (bytes[index] ?? 0).toString(16).padStart(2, '0')
  return (
    `Not valid UTF-8: byte 0x${byte} at byte ${index} of the record. If the file is in Latin-1 or ` +
    `Windows-1252, convert it first: iconv -f WINDOWS-1252 -t UTF-8 old > new.`
  )
}

/** Whether brackets or a string are still open at the end. */
function isUnfinished(bytes: Buffer): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (inString) {
      if (byte === 0x5c) index++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return inString || depth > 0
}
