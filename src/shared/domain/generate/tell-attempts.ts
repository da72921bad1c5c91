import type { Expr } from './arithmetic.ts'
import { FRAME } from './phrases-frame.ts'
import { BACKTRACKING, VERIFICATION } from './phrases-behaviours.ts'
import { backTo, muse, phrase, tellPlan, verdictSentence, withVerdict, type Telling } from './sentences.ts'
import { expressionOf, type SearchNode } from './tree.ts'
import type { Gap, Labels } from './writer.ts'

/** How whole expressions are tried: worked out line by line, in one line, in a list, or guessed and checked. */
export type AttemptForm = 'block' | 'inline' | 'bullets' | 'guess'

/**
 * Tells a search as a list of whole expressions, each from the given numbers: every attempt is a
 * branch of its own from the root (see `restarted`).
 */
export function tellAttempts(telling: Telling, form: AttemptForm): void {
  const { random, writer, search, has } = telling
  const root = search.nodes[0]!
  if (has.has('subgoal_setting')) tellPlan(telling)
  if (has.has('backtracking') && random.chance(0.8)) {
    writer.reach(root, writer.say(phrase(telling, FRAME.listOpening), { gap: 'paragraph' }))
  }
  const leaves = search.nodes.filter(({ terms }) => terms.length === 1)
  const marker = random.pick(BACKTRACKING.marker)
  for (const [index, leaf] of leaves.entries()) {
    const turns = index > 0
    if (turns && form !== 'bullets') muse(telling)
    const labels: Labels | null = turns
      ? { behaviours: ['backtracking'], returnsTo: backTo(telling, root) }
      : null
    ATTEMPTS[form](telling, leaf, labels, marker)
  }
}

type TellAttempt = (telling: Telling, leaf: SearchNode, turn: Labels | null, marker: string) => void

const ATTEMPTS: Readonly<Record<AttemptForm, TellAttempt>> = {
  block(telling, leaf, turn, marker) {
    const { writer, voice } = telling
    const expr = expressionOf(leaf)
    openLine(telling, turn, marker)
    let piece = writer.say(voice.formula(expr), { gap: 'line' })
    for (let part = voice.reduced(expr); part !== null; part = voice.reduced(part)) {
      const line = `= ${voice.formula(part)}`
      if (typeof part === 'number') finish(telling, leaf, line, null, 'line')
      else piece = writer.say(line, { gap: 'line' })
    }
    reachAll(telling, leaf, piece)
  },
  inline(telling, leaf, turn, marker) {
    const { random } = telling
    const line = chain(telling, expressionOf(leaf))
    if (random.chance(0.5)) {
      openLine(telling, turn, marker)
      reachAll(telling, leaf, finish(telling, leaf, line, null, 'line'))
    } else reachAll(telling, leaf, finish(telling, leaf, line, turn, turn === null ? 'flow' : 'line'))
  },
  bullets(telling, leaf, turn) {
    const line = `- ${chain(telling, expressionOf(leaf))}`
    reachAll(telling, leaf, finish(telling, leaf, line, turn, 'line'))
  },
  guess(telling, leaf, turn, marker) {
    const { random, voice, writer, target, search } = telling
    const expr = expressionOf(leaf)
    const right = leaf === search.final && leaf.fate === 'solution'
    openLine(telling, turn, marker)
    const claim = writer.say(voice.claim(expr, target), { gap: 'line', guess: !right })
    const labels: Labels = { behaviours: ['verification'], verifies: claim }
    writer.say(phrase(telling, VERIFICATION.announce, { target: voice.number(target) }), {
      labels,
      gap: 'paragraph',
    })
    const bullet = random.pick(['- ', '- ', ''])
    const line = `${bullet}${chain(telling, expr)}`
    writer.say(withVerdict(telling, line, leaf.terms[0]!.value, target), { labels, gap: 'line' })
    reachAll(telling, leaf, claim)
  },
}

/** "Try:", or a line in its place; it turns wherever it does not open the first attempt. */
function openLine(telling: Telling, turn: Labels | null, marker: string): void {
  const { random, writer, has } = telling
  const own = { gap: 'paragraph' as const, ...(turn && { labels: turn }) }
  if (turn === null) {
    if (random.chance(0.6))
      writer.say(random.pick(['Try:', 'Try this:', 'First attempt:', 'Attempt 1:', 'One option:']), own)
    return
  }
  if (random.chance(0.12)) {
    writer.say(
      phrase(
        telling,
        has.has('verification') ? [...BACKTRACKING.drop, ...BACKTRACKING.fail] : BACKTRACKING.drop,
      ),
      own,
    )
    writer.say(phrase(telling, [marker]), { labels: turn })
  } else writer.say(phrase(telling, [marker]), own)
}

/** Writes the line that ends an attempt, with a verdict where checks belong to the trace. */
function finish(telling: Telling, leaf: SearchNode, line: string, turn: Labels | null, gap: Gap): number {
  const { random, writer, has } = telling
  const value = leaf.terms[0]!.value
  if (has.has('verification') && random.chance(0.75)) {
    const labels: Labels = {
      ...turn,
      behaviours: ['verification', ...(turn?.behaviours ?? [])],
      verifies: 'self',
    }
    return writer.say(withVerdict(telling, line, value, leaf.goal), { labels, gap })
  }
  const piece = writer.say(line, { gap, ...(turn && { labels: turn }) })
  if (has.has('verification') && random.chance(0.7)) {
    writer.say(verdictSentence(telling, value, leaf.goal), {
      labels: { behaviours: ['verification'], verifies: piece },
      gap: 'line',
    })
  }
  return piece
}

/** (52 + 25) − 51 = 77 − 51 = 26 */
function chain({ voice, random }: Telling, expr: Expr): string {
  const parts = [expr]
  const short = random.chance(0.3)
  for (let part = voice.reduced(expr); part !== null; part = voice.reduced(part)) {
    if (!short || typeof part === 'number') parts.push(part)
  }
  return voice.chain(parts)
}

/** The states of an attempt lie in the piece that writes its expression down. */
function reachAll({ writer, search }: Telling, leaf: SearchNode, piece: number): void {
  for (let node: SearchNode | null = leaf; node !== null && node !== search.nodes[0]; node = node.parent) {
    writer.reach(node, piece)
  }
}
