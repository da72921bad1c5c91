import { describe, expect, it } from 'vitest'
import type { Command, CommandInfo } from '#renderer/app/commands.svelte.ts'
import { conflictsOf } from '#renderer/app/key-conflicts.ts'
import { findCommands, recentFirst } from '#renderer/app/palette.ts'
import { matches } from '#renderer/features/settings/query.ts'
import { editsText, keyName } from '#renderer/ui/keys.ts'

const command = (id: string, group: CommandInfo['group'], ...keys: string[]): Command => ({
  id,
  title: id,
  group,
  keys,
  run: () => undefined,
})

describe('conflicts of keys', () => {
  const all = [
    command('library', 'Go to', 'g l'),
    command('down', 'Traces', 'j'),
    command('next step', 'Trace', 'j'),
    command('verification', 'Label', 'v'),
  ]
  const conflicts = (one: CommandInfo, key: string) =>
    conflictsOf(one, key, all, ({ keys = [] }) => keys).map(({ id }) => id)

  it.each([
    ['the same key in views that are never open together', 'Traces', 'j', ['down']],
    ['a key of labelling within a view', 'Trace', 'v', ['verification']],
    ['a key that every view has', 'Traces', 'g l', ['library']],
    ['the beginning of keys typed in turn', 'Traces', 'g', ['library']],
    ['keys typed in turn whose beginning is taken', 'Go to', 'v x', ['verification']],
    ['a key that nothing has', 'Trace', 'q', []],
    ['a key whose letters only begin alike', 'Go to', 'gl', []],
  ] as const)('%s', (_what, group, key, expected) => {
    expect(conflicts(command('new', group), key)).toEqual(expected)
  })

  it('is none with itself', () => {
    expect(conflicts(all[0]!, 'g l')).toEqual([])
  })
})

describe('a key in a text field', () => {
  const press = (key: string, held: string) =>
    keyName({
      key,
      ctrlKey: held.includes('ctrl'),
      metaKey: held.includes('meta'),
      altKey: held.includes('alt'),
      shiftKey: held.includes('shift'),
    })

  it.each([
    ['z', 'ctrl'],
    ['Z', 'ctrl shift'],
    ['y', 'ctrl'],
    ['V', 'meta alt shift'],
    ['ArrowLeft', 'ctrl'],
    ['ArrowRight', 'ctrl shift'],
    ['ArrowUp', 'meta shift'],
    ['Home', 'ctrl'],
    ['End', 'ctrl shift'],
    ['Backspace', 'ctrl'],
    ['Delete', 'ctrl'],
  ])('%s with %s belongs to the text', (key, held) => {
    expect(editsText(press(key, held))).toBe(true)
  })

  it.each([
    ['k', 'ctrl'],
    ['o', 'meta'],
    ['s', 'ctrl'],
    ['e', 'ctrl'],
    [',', 'ctrl'],
    ['f', 'ctrl'],
    ['Enter', 'ctrl'],
  ])('%s with %s does not', (key, held) => {
    expect(editsText(press(key, held))).toBe(false)
  })
})

describe('the palette', () => {
  const titles = [
    'Go to run dpo',
    'Go to run grpo',
    'Go to run grpo-checkpoints',
    'Import files…',
    'Settings',
  ]
  const commands = titles.map((title) => command(title, 'Go to'))
  const found = (query: string) => findCommands(commands, query).map(({ title }) => title)

  it.each([
    ['grpo', 'Go to run grpo'],
    ['dpo', 'Go to run dpo'],
    ['run grpo-', 'Go to run grpo-checkpoints'],
    ['if', 'Import files…'],
    ['set', 'Settings'],
  ])('finds for “%s” first “%s”', (query, title) => {
    expect(found(query)[0]).toBe(title)
  })

  it('finds nothing whose letters do not come in order', () => {
    expect(found('zgo')).toEqual([])
  })

  it('puts those used last first, without naming any twice', () => {
    const ids = recentFirst(commands, ['Settings', 'gone', 'Go to run grpo']).map(({ id }) => id)
    expect(ids).toEqual(['Settings', 'Go to run grpo', ...titles.filter((id) => !/grpo$|Settings/.test(id))])
  })
})

describe('the search of settings', () => {
  it.each([
    ['thr', true],
    ['cores threads', true],
    ['hreads', true],
    ['ctrl k', false],
    ['', true],
  ])('%s', (query, found) => {
    expect(matches(query, 'Threads', 'One for each of the physical cores')).toBe(found)
  })
})
