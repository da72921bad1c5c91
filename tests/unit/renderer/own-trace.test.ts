import { expect, it } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { OwnTrace } from '#renderer/features/learning/own.svelte.ts'
import type { OwnBehaviour, OwnLabel } from '#shared/contract/own.ts'

it('a label of a behaviour of one’s own speaks of the steps that it trains, not of all that it touches', () => {
  const own = new OwnTrace({ session: { own: null } } as AppContext, 1)
  const bounds = Uint32Array.of(0, 11, 11, 30, 30, 50)
  const label = { behaviour: 1, start: 10, end: 31, annotator: 'ada' }
  own.behaviours = [{ id: 1, name: 'Doubt' } as OwnBehaviour]
  const voices = (verdict: OwnLabel['verdict']) => {
    own.labels = [{ ...label, verdict }]
    return own.shownOf(bounds)[0]!.voices
  }
  expect(voices('present')).toEqual([null, 'person', null])
  expect(voices('absent')).toEqual([null, 'denied', null])
  expect(own.voice(1, 0, { start: 0, end: 11 })).toBeNull()
  // What has found the behaviour in a step that a label only touches is not denied by it.
  own.predictions = [{ behaviour: 1, version: 1, threshold: 0.5, probabilities: Float32Array.of(1, 1, 1) }]
  expect(own.shownOf(bounds)[0]!.voices).toEqual(['model', 'denied', 'model'])
})

it('the workspace’s own behaviours are there before they have been read for the trace', () => {
  const session = { own: [{ id: 1, name: 'Doubt' }] }
  expect(new OwnTrace({ session } as unknown as AppContext, 1).behaviours).toEqual(session.own)
})
