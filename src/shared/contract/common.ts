import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import { ownIdOf, type OwnColumn } from '../domain/own-column.ts'
import type { Json } from '../domain/trace.ts'

export const TraceId = z.int().positive()
export const SourceId = z.int().positive()
export const JobId = z.int().positive()
export const BehaviourId = z.enum(BEHAVIOURS)

/** A column of counts of a behaviour of the workspace's own: `own_3`. */
export const OwnColumnId = z.custom<OwnColumn>(
  (value) => typeof value === 'string' && ownIdOf(value) !== null,
  'expected own_ and the id of a behaviour',
)

/** A behaviour counts by steps, or by episodes: runs of neighbouring steps that show it. */
export const CountUnit = z.enum(['steps', 'episodes'])
export type CountUnit = z.infer<typeof CountUnit>

/** Half-open range of UTF-16 code units in the response. */
export const SpanSchema = z
  .object({ start: z.int().nonnegative(), end: z.int().positive() })
  .refine((span) => span.start < span.end, 'a span must hold at least one character')

/** What an annotation points at: a span, or `{0, 0}` for the problem itself. */
export const TargetSchema = z.union([SpanSchema, z.object({ start: z.literal(0), end: z.literal(0) })])

export const JsonValue: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(JsonValue),
    z.record(z.string(), JsonValue),
  ]),
)

/** Makes a change happen once: a call repeated with its token answers as the first one did. */
export const Token = z.uuid()

export const Empty = z.object({})
