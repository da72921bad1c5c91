import { characterStart } from '#shared/domain/offsets.ts'
import type { Span } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { FullTrace } from '../db/traces.ts'

/**
 * Makes sure that a span (UTF-16) lies in a trace's response and cuts no character in two.
 * @param what the span is, in words
 * @throws CairnError `bad_request`
 */
export function requireSpan(span: Span, trace: FullTrace, what = 'span'): void {
  if (span.end > trace.response.length)
    throw new CairnError(
      'bad_request',
      `The ${what} ends at ${span.end}, past the end of trace ${trace.row.id} (${trace.response.length} UTF-16 units).`,
      { end: span.end, length: trace.response.length },
    )
  for (const edge of ['start', 'end'] as const)
    if (characterStart(trace.response, span[edge]) !== span[edge])
      throw new CairnError(
        'bad_request',
        `The ${what} ${edge}s at ${span[edge]}, inside a character of trace ${trace.row.id}. Nothing was changed: take the offset before or after it.`,
        { [edge]: span[edge] },
      )
}
