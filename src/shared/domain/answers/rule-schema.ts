import { z } from 'zod'

const Pattern = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => compilePattern(text) !== null, 'not a regular expression')

/** A checker that a workspace adds: data, never code, so that a workspace from elsewhere can be opened. */
export const CheckerRule = z.strictObject({
  name: z.string().regex(/^[a-z][\w-]{0,60}$/, 'letters, digits, _ and -, from a letter on'),
  /** Found in the prompt of the traces it is for; every trace that has a reference, when left out. */
  prompt: Pattern.optional(),
  /** Finds the answer: the last match, its first group where it has one. Cairn's own search when left out. */
  answer: Pattern.optional(),
  /** Path in the metadata to what the answer is compared with; the trace's reference when left out. */
  reference: z.string().min(1).max(200).optional(),
  /** By mathematical value, by words whatever their case and punctuation, or letter by letter. */
  compare: z.enum(['value', 'words', 'exact']).default('value'),
})
export type CheckerRule = z.infer<typeof CheckerRule>

/** A rule's pattern; null when it is none. */
export function compilePattern(text: string): RegExp | null {
  try {
    return new RegExp(text, 'gmu')
  } catch {
    return null
  }
}
