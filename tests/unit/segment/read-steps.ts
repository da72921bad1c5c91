import { segment } from '#shared/domain/segment/index.ts'

/** The steps of a text, as texts. */
export function stepsOf(text: string): string[] {
  const flat = segment(text)
  const steps: string[] = []
  for (let i = 0; i < flat.length; i += 2) steps.push(text.slice(flat[i], flat[i + 1]))
  return steps
}
