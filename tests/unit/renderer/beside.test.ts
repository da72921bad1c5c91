import { expect, it } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { Beside } from '#renderer/features/curate/beside.svelte.ts'
import { CairnError } from '#shared/errors.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve))

/** Counts are answered when told; a new one of the same ticket takes the place of the one before. */
function counting() {
  const asked: { filter: unknown; answer: (preview: string) => void; cancel: () => void }[] = []
  const call = (_method: string, { filter }: { filter: unknown }) =>
    new Promise((answer, reject) =>
      asked.push({ filter, answer, cancel: () => reject(new CairnError('cancelled', 'cancelled')) }),
    )
  return { beside: new Beside({ call } as unknown as Engine), asked }
}

it('counts of the traces chosen last are those that are shown beside a recipe', async () => {
  const { beside, asked } = counting()
  void beside.show('a', 'recipe: 1', {})
  void beside.show('a', 'recipe: 1', { correct: true })
  asked[0]!.cancel()
  await turn()
  expect(beside).toMatchObject({ busy: true, preview: null, failure: null })
  asked[1]!.answer('of the correct')
  await turn()
  expect(beside).toMatchObject({ busy: false, preview: 'of the correct' })

  void beside.show('a', 'recipe: 1', {})
  void beside.show('a', 'recipe: 1', { correct: false })
  asked[3]!.answer('of the wrong')
  asked[2]!.answer('of all')
  await turn()
  expect(beside.preview).toBe('of the wrong')
})

it('nothing is counted any more when no recipe is to be beside', async () => {
  const { beside, asked } = counting()
  void beside.show('a', 'recipe: 1', {})
  void beside.show('', '', {})
  asked[0]!.answer('late')
  await turn()
  expect(beside).toMatchObject({ busy: false, preview: null })
  expect(asked).toHaveLength(1)
})
