/** Longest stretch that is laid out as one: browsers are slow on longer ones. */
const LONGEST = 4000

/** One message of a prompt, in stretches that a browser lays out quickly; joined by line breaks. */
export interface MessageParts {
  readonly role: string
  readonly parts: readonly string[]
}

/**
 * Messages for showing. With `most`, no more than so many characters (UTF-16) of all messages
 * together are given: what a folded prompt shows.
 */
export function messageParts(
  messages: readonly { readonly role: string; readonly content: string }[],
  most = Infinity,
): MessageParts[] {
  const shown: MessageParts[] = []
  let left = most
  for (const { role, content } of messages) {
    if (left <= 0) break
    const text = content.slice(0, left)
    left -= text.length
    shown.push({ role, parts: stretches(text) })
  }
  return shown
}

/** Cuts a text at line breaks, which are left out there, into stretches of bearable length. */
function stretches(text: string): string[] {
  const parts: string[] = []
  for (let from = 0; ;) {
    const last = text.length - from <= LONGEST
    const before = last ? -1 : text.lastIndexOf('\n', from + LONGEST)
    const cut = before >= from || last ? before : text.indexOf('\n', from)
    parts.push(text.slice(from, cut < 0 ? text.length : cut))
    if (cut < 0) return parts
    from = cut + 1
  }
}

/** The messages of a trace's prompt; a prompt without roles is one message. */
export function promptMessages({
  messages,
  row,
}: {
  readonly messages: readonly { readonly role: string; readonly content: string }[] | null
  readonly row: { readonly prompt: string }
}): { role: string; content: string }[] {
  const all = messages ?? [{ role: 'prompt', content: row.prompt }]
  return all.filter(({ content }) => content !== '')
}
