import { isUtf8 } from 'node:buffer'
import type { Json } from '#shared/domain/trace.ts'
import { ByteWindow } from './byte-window.ts'
import { ElementReader } from './json-elements.ts'
import type { MemberFacts } from './json-layout.ts'
import { parseJson } from './lenient-json.ts'
import type { TextSource } from './text-source.ts'

/** A member of the top-level object and where its value lies. */
export interface IndexedMember extends MemberFacts {
  start: number
  end: number
  line: number
}

export interface DocumentIndex {
  /** Behind the object's opening brace. */
  inside: { position: number; line: number }
  members: IndexedMember[]
  /** The top-level object was read to its end. */
  complete: boolean
  /** There were more members than are indexed. */
  many: boolean
  /** Another value follows the object: the file is a sequence of values. */
  followed: boolean
}

/** Members that are indexed; an object with more is a dictionary or one record. */
const MAX_MEMBERS = 4096

/** Bytes of a value that are looked at. */
const GLANCE_BYTES = 64 * 1024

/**
 * First pass over a document whose first value is an object: its members, how large they are and what
 * they hold. Nothing but a glance at each value is kept in memory.
 */
export async function indexDocument(source: TextSource): Promise<DocumentIndex> {
  const window = new ByteWindow(source.chunks, source.start)
  try {
    const sequence = new ElementReader(window, 'sequence', { position: source.start, line: 1 }, GLANCE_BYTES)
    await sequence.enter()
    const inside = { position: sequence.position + 1, line: sequence.line }
    const reader = new ElementReader(window, 'object', inside, GLANCE_BYTES)
    const members: IndexedMember[] = []
    for (;;) {
      const key = await reader.enter()
      if (key === null) break
      if (members.length === MAX_MEMBERS)
        return { inside, members, complete: false, many: true, followed: false }
      members.push(await indexMember(reader, key))
    }
    sequence.position = reader.position
    const followed = reader.closing === 'closed' && (await sequence.enter()) !== null
    return { inside, members, complete: reader.closing === 'closed', many: false, followed }
  } finally {
    await window.close()
  }
}

async function indexMember(reader: ElementReader, rawKey: Buffer): Promise<IndexedMember> {
  const start = reader.position
  const { line, window } = reader
  const at = { key: textOf(rawKey), start, line }
  if (window.slice(start, start + 1)[0] === 0x5b) return indexArray(reader, at)
  const value = await reader.value(rawKey)
  const end = start + value.length
  const first = value.bytes[0]
  const facts = { ...at, end, length: value.length, count: 0, elements: '' }
  if (first === 0x7b) {
    const parsed = value.large ? null : glance(value.bytes)
    const fields = fieldsOf(parsed)
    const flat =
      fields !== null &&
      Object.values(parsed as object).every((item) => typeof item !== 'object' || item === null)
    // Of a large object only the beginning is at hand: its keys tell whether it is a pandas column.
    const column = value.large && /^\{\s*"0"\s*:\s*["\d-]/.test(value.bytes.toString('latin1', 0, 64))
    return { ...facts, kind: 'object', fields: column ? ['0'] : fields, flat: flat || column }
  }
  return { ...facts, kind: first === 0x22 ? 'string' : 'scalar', fields: null, flat: false }
}

async function indexArray(
  reader: ElementReader,
  at: { key: string; start: number; line: number },
): Promise<IndexedMember> {
  const elements = new ElementReader(
    reader.window,
    'array',
    { position: at.start + 1, line: at.line },
    GLANCE_BYTES,
  )
  const kinds = new Set<string>()
  let count = 0
  let fields: readonly string[] | null = null
  for (;;) {
    const element = await elements.next()
    if (element === null || (element.torn && element.length === 0)) break
    const byte = String.fromCharCode(element.bytes[0] ?? 0)
    kinds.add('{["'.includes(byte) ? byte : '0')
    if (count === 0 && byte === '{' && !element.large) fields = fieldsOf(glance(element.bytes))
    // Its beginning is as good as a parsed element's to find neighbours of a damaged one by.
    if (!element.large) elements.learn(element)
    count++
  }
  reader.position = elements.position
  reader.line = elements.line
  const length = elements.position - at.start
  return {
    ...at,
    kind: 'array',
    end: elements.position,
    length,
    count,
    elements: [...kinds].sort().join(''),
    fields,
    flat: false,
  }
}

/** A key's text; keys that are no JSON strings stand for themselves. */
export function textOf(rawKey: Buffer): string {
  const key = glance(rawKey)
  return typeof key === 'string' ? key : rawKey.toString('utf8')
}

function glance(bytes: Buffer): Json {
  if (!isUtf8(bytes)) return null
  try {
    return parseJson(bytes.toString('utf8'))
  } catch {
    return null
  }
}

function fieldsOf(value: Json): readonly string[] | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : null
}
