import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiInput } from '#shared/contract/index.ts'
import { engineFor } from './engine-for.ts'
import { importFiles } from './support.ts'

const opened = engineFor('file')
beforeAll(async () => {
  const { client } = opened
  const texts = ['emoji 😀 and 👩‍👩‍👧 here. Wait, let me check.', 'It is 4. So 2 + 2 = 4.']
  const rows = texts.map((completion, id) => JSON.stringify({ id, prompt: 'p', completion }))
  await importFiles(client, [opened.put('traces.jsonl', rows.join('\n'))])
  for (const traceId of [1, 2])
    await client.call('labels.add', {
      ...{ traceId, span: { start: 0, end: 5 }, behaviour: 'verification', annotator: 'ann' },
    })
})

describe('labels.apply', () => {
  const apply = (change: Partial<ApiInput<'labels.apply'>>) =>
    opened.client.call('labels.apply', { traceId: 2, annotator: 'ann', ...change })
  const span = (start: number, end: number) => ({ start, end })

  it('removes, changes and adds in one undo, and tells once', async () => {
    const { client } = opened
    const before = await client.call('labels.list', { traceId: 2 })
    const { added } = await apply({
      add: [
        { span: span(0, 3), behaviour: 'verification', note: 'a' },
        { span: span(0, 3), behaviour: 'backtracking', note: 'b' },
      ],
    })
    const heard: object[] = []
    client.on('labels.changed', (changed) => heard.push(changed))
    const result = await apply({
      token: '11111111-2222-4333-8444-555555555555',
      remove: [added[0]!.id, 999_999],
      update: [{ id: added[1]!.id, verdict: 'absent' }],
      add: [{ span: span(0, 3), behaviour: 'verification', note: 'a' }],
    })
    expect(result.removed).toEqual([added[0]!.id])
    expect(result.updated).toMatchObject([{ id: added[1]!.id, verdict: 'absent' }])
    expect(result.added).toMatchObject([{ behaviour: 'verification', note: 'a' }])
    expect(result.added[0]!.id).not.toBe(added[0]!.id)
    // Whoever made the change knows it by its token.
    await expect.poll(() => heard).toEqual([{ traceId: 2, token: '11111111-2222-4333-8444-555555555555' }])
    await client.call('history.undo', {})
    expect((await client.call('labels.list', { traceId: 2 })).filter(({ note }) => note !== '')).toEqual(
      expect.arrayContaining(added),
    )
    await client.call('history.undo', {})
    expect(await client.call('labels.list', { traceId: 2 })).toEqual(before)
  })

  it('does nothing at all when a part of it cannot be done', async () => {
    const { client } = opened
    const before = await client.call('labels.list', { traceId: 2 })
    const history = await client.call('history.list', { limit: 1000 })
    const good = { span: span(0, 2), behaviour: 'verification' as const }
    await expect(apply({ add: [good, { ...good, span: span(0, 1e6) }] })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await expect(apply({ add: [good], update: [{ id: 999_999, note: 'x' }] })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(apply({ add: [good], textHash: 'another' })).rejects.toMatchObject({ code: 'conflict' })
    const [elsewhere] = await client.call('labels.list', { traceId: 1 })
    await expect(apply({ update: [{ id: elsewhere!.id, note: 'x' }] })).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect((await apply({ remove: [elsewhere!.id] })).removed).toEqual([])
    expect(await client.call('labels.list', { traceId: 2 })).toEqual(before)
    expect(await client.call('history.list', { limit: 1000 })).toEqual(history)
  })

  it('makes one of two labels that come to say the very same', async () => {
    const { client } = opened
    const before = await client.call('labels.list', { traceId: 2 })
    const { added } = await apply({
      add: [
        { span: span(0, 2), behaviour: 'verification' },
        { span: span(0, 1), behaviour: 'verification' },
      ],
    })
    const { updated } = await apply({ update: [{ id: added[1]!.id, span: span(0, 2) }] })
    expect(updated).toEqual([added[0]])
    expect(await client.call('labels.list', { traceId: 2 })).toHaveLength(before.length + 1)
    await client.call('history.undo', {})
    expect(await client.call('labels.list', { traceId: 2 })).toHaveLength(before.length + 2)
    await client.call('history.undo', {})
  })
})

describe('labels.add', () => {
  it('refuses spans that leave the text and traces that are not there', async () => {
    const { client } = opened
    const add = (traceId: number, start: number, end: number) =>
      client.call('labels.add', { traceId, span: { start, end }, behaviour: 'verification', annotator: 'a' })
    const { response } = await client.call('traces.get', { id: 1 })
    await expect(add(1, 0, response.length + 1)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(add(1, 3, 3)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(add(1, -1, 3)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(add(9999, 0, 1)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('refuses spans that begin or end inside a character', async () => {
    const { client } = opened
    const inside = (await client.call('traces.get', { id: 1 })).response.indexOf('😀') + 1
    const label = { traceId: 1, behaviour: 'verification' as const, annotator: 'a' }
    const whole = { start: inside - 1, end: inside + 1 }
    for (const half of [
      { ...whole, start: inside },
      { ...whole, end: inside },
    ]) {
      const refused = {
        code: 'bad_request',
        message: expect.stringContaining(`at ${inside}, inside`) as string,
      }
      await expect(client.call('labels.add', { ...label, span: half })).rejects.toMatchObject(refused)
      await expect(client.call('labels.add', { ...label, span: whole, target: half })).rejects.toMatchObject(
        refused,
      )
      const { id } = await client.call('labels.add', { ...label, span: whole })
      await expect(client.call('labels.update', { id, span: half })).rejects.toMatchObject(refused)
      await client.call('labels.remove', { id })
    }
  })
})

describe('own.label', () => {
  it('refuses what labels.add refuses, and keeps nothing of it', async () => {
    const { client } = opened
    const { id: behaviour } = await client.call('own.create', { name: 'Smile' })
    const { response } = await client.call('traces.get', { id: 1 })
    const inside = response.indexOf('😀') + 1
    const label = (start: number, end: number) =>
      client.call('own.label', {
        ...{ traceId: 1, behaviour, span: { start, end }, annotator: 'a', verdict: 'present' },
      })
    for (const [start, end, message] of [
      [inside, inside + 1, `starts at ${inside}, inside`],
      [inside - 1, inside, `ends at ${inside}, inside`],
      [0, response.length + 1, `ends at ${response.length + 1}, past the end`],
    ] as const)
      await expect(label(start, end)).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining(message) as string,
      })
    expect((await client.call('own.trace', { traceId: 1 })).labels).toEqual([])
    expect(await label(inside - 1, inside + 1)).toMatchObject([{ start: inside - 1, end: inside + 1 }])
    await client.call('own.remove', { behaviour })
  })
})
