import { describe, expect, it } from 'vitest'
import { toFtsQuery } from '#engine/db/fts-query.ts'

describe("a search's operators", () => {
  it.each([
    ['a AND NOT b', '"a" NOT "b"'],
    ['a b AND NOT (c OR d)', '"a" AND "b" NOT ( "c" OR "d" )'],
    ['(a AND NOT b) OR c', '( "a" NOT "b" ) OR "c"'],
    ['a AND AND b', '"a" AND "b"'],
  ])('%s', (query, wanted) => expect(toFtsQuery(query)).toBe(wanted))

  it.each([
    ['a NOT !!! b', '"a" AND "b"'],
    ['a OR "" b', '"a" AND "b"'],
    ['a AND ? OR b', '"a" OR "b"'],
    ['a NOT () b', '"a" AND "b"'],
    ['a NOT (!) b', '"a" AND "b"'],
    ['(a OR) b', '( "a" ) AND "b"'],
    ['((a NOT)) b', '( ( "a" ) ) AND "b"'],
    ['(() a', '( "a" )'],
    ['a (b OR', '"a" AND ( "b" )'],
  ])('ask for nothing that is not there: %s', (query, wanted) => expect(toFtsQuery(query)).toBe(wanted))

  it.each(['NOT a', 'a OR NOT b', 'a (NOT b)', 'a NOT NOT b', 'a AND OR b', 'a OR AND b', 'a NOT OR b'])(
    'are refused where they say two things: %s',
    (query) => expect(() => toFtsQuery(query)).toThrow(/put it in quotes/),
  )

  it('are words in quotes', () => expect(toFtsQuery('"NOT" a')).toBe('"NOT" AND "a"'))
})
