/** A step with what stands around it, as lines to read. */
export function passageLines({
  before,
  text,
  after,
}: {
  readonly before: string
  readonly text: string
  readonly after: string
}): string[] {
  const words = (part: string) => part.replace(/\s+/g, ' ').trim()
  return [
    `  … ${words(before).slice(-120)}`,
    `  > ${words(text).slice(0, 300)}`,
    `  ${words(after).slice(0, 120)} …`,
  ]
}
