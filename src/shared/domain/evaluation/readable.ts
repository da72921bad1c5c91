/** Characters of a step that are shown, and of what stands around it, in UTF-16 units. */
const STEP = 600
const AROUND = 200

/** A step with what stands around it, cut so that it can be read at a glance. */
export interface Passage {
  before: string
  text: string
  after: string
}

/**
 * Takes a step out of a response for reading. Cuts never split a pair of surrogates.
 * @param start of the step, UTF-16; `end` likewise
 */
export function passage(response: string, start: number, end: number): Passage {
  return {
    before: response.slice(whole(response, Math.max(0, start - AROUND)), start),
    text:
      response.slice(start, whole(response, Math.min(end, start + STEP))) + (end - start > STEP ? '…' : ''),
    after: response.slice(end, whole(response, Math.min(response.length, end + AROUND))),
  }
}

/** The offset, or one before it where it stands in the middle of a character. */
function whole(text: string, offset: number): number {
  const code = text.charCodeAt(offset)
  return code >= 0xdc00 && code <= 0xdfff && offset > 0 ? offset - 1 : offset
}
