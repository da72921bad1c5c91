import type { Fate, ReasoningGraph } from '../graph/types.ts'
import { behavioursOf, bitOf, shownAnywhere } from './evidence.ts'
import { changed, OPENING, type Change, type Draft } from './draft.ts'
import { fillIn, type HandbookEntry } from './handbook.ts'
import { fillerOf } from './lengths.ts'
import type { StepPlace, Transform } from './transform-schema.ts'
import type { Subject } from './subject.ts'
import { partsOf } from './thought.ts'
import type { TokenCounter } from './types.ts'

/** Renders a conversation as a model's template does, up to where the response begins. */
export type RenderChat = (messages: readonly { role: string; content: string }[]) => string

export interface TransformContext {
  readonly counter: TokenCounter
  /** What `{handbook}` in a system message is made of. */
  readonly handbook: readonly HandbookEntry[]
  /** Chat templates by the file that the recipe names. */
  readonly templates: ReadonlyMap<string, RenderChat>
}

/** Transforms that look at steps. */
const STEPPED = ['branches', 'truncate', 'cut', 'mask', 'system'] as const

/** Filler as in the reference: dots. */
const DOT = ' .'

/**
 * A row's text by the recipe's transforms, one after the other; null when one of them leaves nothing to learn, as
 * where an answer is asked for and there is none.
 * @param withSteps whether the row's own steps are wanted; without them the same text takes less work
 */
export function transform(
  subject: Subject,
  transforms: readonly Transform[],
  context: TransformContext,
  withSteps = true,
): Draft | null {
  const { trace } = subject
  let draft: Draft | null = {
    prompt: trace.prompt,
    messages: trace.messages,
    partial: '',
    text: trace.response,
    steps: withSteps || transforms.some(isStepped) ? subject.evidence().steps : [],
  }
  for (const step of transforms) {
    draft = apply(step, draft, subject, context)
    if (draft === null || draft.text.trim() === '') return null
  }
  return draft
}

/** The change that leaves nothing to learn of a trace; null where all leave something. */
export function lostBy(
  subject: Subject,
  transforms: readonly Transform[],
  context: TransformContext,
): Transform | null {
  const at = transforms.findIndex(
    (_, index) => transform(subject, transforms.slice(0, index + 1), context) === null,
  )
  return transforms[at] ?? null
}

const isStepped = (one: Transform): boolean => STEPPED.some((kind) => one[kind] !== undefined)

function apply(step: Transform, draft: Draft, subject: Subject, context: TransformContext): Draft | null {
  if (step.think !== undefined) return think(draft, step.think)
  if (step.branches !== undefined) return keepBranches(draft, subject, step.branches)
  if (step.replace_thought !== undefined) return replaceThought(draft, step.replace_thought, context.counter)
  if (step.truncate !== undefined) return truncate(draft, placeOf(draft, step.truncate, context.counter))
  if (step.cut !== undefined) return cut(draft, placeOf(draft, step.cut, context.counter))
  if (step.mask !== undefined) return mask(draft, step.mask)
  if (step.system !== undefined) return addSystem(draft, step.system, context.handbook)
  return renderPrompt(draft, context.templates.get(step.chat_template!.file)!)
}

function think(draft: Draft, how: NonNullable<Transform['think']>): Draft | null {
  const { text } = draft
  const { thought, rest } = partsOf(text)
  if (how !== 'unwrap' && rest.start >= rest.end) return null
  if (how === 'strip') return changed(draft, [{ start: 0, end: rest.start, with: '' }])
  const [open, between] = how === 'normalise' ? ['<think>\n', '\n</think>\n'] : ['', '\n\n']
  return changed(draft, [
    { start: 0, end: thought.start, with: open },
    { start: thought.end, end: rest.start, with: rest.start < rest.end ? between : '' },
    { start: rest.end, end: text.length, with: '' },
  ])
}

function replaceThought(
  draft: Draft,
  { with: what, text = DOT }: NonNullable<Transform['replace_thought']>,
  counter: TokenCounter,
): Draft | null {
  const { thought, rest } = partsOf(draft.text)
  if (rest.start >= rest.end) return null
  const old = draft.text.slice(thought.start, thought.end)
  const fresh = what === 'nothing' ? '' : what === 'text' ? text : fillerOf(text, counter.count(old), counter)
  // `<think> </think>` for an empty thought, as in the reference.
  const open = fresh === '' ? '<think> </think>\n' : `<think>\n${fresh}\n</think>\n`
  return changed(draft, [
    { start: 0, end: rest.start, with: open },
    { start: rest.end, end: draft.text.length, with: '' },
  ])
}

const LOST: ReadonlySet<Fate> = new Set(['abandoned', 'refuted', 'superseded'])

/** For every step whether the answer does not rest on it. Steps of the problem's node belong to no branch. */
export function failedSteps({ nodes, owner }: ReasoningGraph): boolean[] {
  return Array.from(owner, (node) => {
    const { kind, fate } = nodes[node]!
    return kind !== 'problem' && (kind === 'loop' || LOST.has(fate))
  })
}

function keepBranches(
  draft: Draft,
  subject: Subject,
  which: NonNullable<Transform['branches']>,
): Draft | null {
  // The graph is of the response as it came: earlier changes would have moved its steps.
  const { trace } = subject
  if (draft.text !== trace.response) return null
  const failed = failedSteps(subject.graph())
  const { rest } = partsOf(draft.text)
  const changes: Change[] = []
  for (const [at, step] of draft.steps.entries()) {
    if (step.start >= rest.start) break
    if (failed[at] !== (which === 'drop_failed')) continue
    if (/^<\/?\w+>$/.test(draft.text.slice(step.start, step.end))) continue
    const next = draft.steps[at + 1]
    changes.push({
      start: step.start,
      end: next === undefined ? step.end : Math.min(next.start, rest.start),
      with: '',
    })
  }
  return changed(draft, changes)
}

/** Number of steps that lie before a place. */
function placeOf({ text, steps }: Draft, place: StepPlace, counter: TokenCounter): number {
  if (place.steps !== undefined) return Math.min(place.steps, steps.length)
  if (place.share !== undefined) return Math.round(steps.length * place.share)
  if (place.before_first !== undefined) {
    const bit = bitOf(place.before_first)
    const first = steps.findIndex(({ shows }) => (shows & bit) !== 0)
    return first < 0 ? steps.length : first
  }
  const fits = (count: number): boolean => {
    const head = text.slice(0, steps[count - 1]!.end)
    return place.tokens !== undefined ? counter.count(head) <= place.tokens : head.length <= place.characters!
  }
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function truncate(draft: Draft, count: number): Draft | null {
  if (count === 0) return null
  const end = draft.steps[count - 1]!.end
  return count === draft.steps.length
    ? draft
    : changed(draft, [{ start: end, end: draft.text.length, with: '' }])
}

function cut(draft: Draft, count: number): Draft | null {
  if (count === 0) return draft
  const next = draft.steps[count]
  if (next === undefined) return null
  const partial = draft.partial + draft.text.slice(0, next.start)
  return { ...changed(draft, [{ start: 0, end: next.start, with: '' }]), partial }
}

function mask(draft: Draft, { behaviours, with: text }: NonNullable<Transform['mask']>): Draft {
  const bits = behaviours.reduce((all, name) => all | bitOf(name), 0)
  const changes: Change[] = []
  for (const [at, { start, end, shows }] of draft.steps.entries()) {
    if ((shows & bits) === 0) continue
    // Without anything in its place the gap after the step goes too.
    const next = draft.steps[at + 1]
    changes.push({ start, end: text === '' && next !== undefined ? next.start : end, with: text })
  }
  return changed(draft, changes)
}

function addSystem(draft: Draft, text: string, entries: readonly HandbookEntry[]): Draft {
  const content = fillIn(text, behavioursOf(shownAnywhere(draft.steps)), entries)
  const before = (draft.messages ?? [{ role: 'user', content: draft.prompt }]).filter(
    ({ role }) => role !== 'system',
  )
  return { ...draft, messages: [{ role: 'system', content }, ...before] }
}

function renderPrompt(draft: Draft, render: RenderChat): Draft {
  const prompt = render(draft.messages ?? [{ role: 'user', content: draft.prompt }])
  // Templates of reasoning models open the thought themselves: the response must not open it again.
  const opened = /<think>\s*$/.test(prompt)
  const rendered = { ...draft, prompt, messages: null, opened }
  if (!opened) return rendered
  if (draft.partial !== '') return { ...rendered, partial: draft.partial.replace(OPENING, '') }
  const end = OPENING.exec(draft.text)?.[0].length ?? 0
  return changed(rendered, [{ start: 0, end, with: '' }])
}
