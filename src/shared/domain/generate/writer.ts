import type { Behaviour } from '../behaviours.ts'
import { segment } from '../segment/index.ts'
import type { SearchNode } from './tree.ts'

/** What a label points at: a piece by its number, the piece itself, or the problem. */
export type Target = number | 'self' | 'problem'

export interface Labels {
  behaviours: readonly Behaviour[]
  /** What a verification checks. */
  verifies?: Target
  /** What a backtracking goes back to. */
  returnsTo?: Target
}

/** How a piece stands to the one before it. */
export type Gap = 'flow' | 'line' | 'paragraph'

/** A labelled text: steps and targets as flat lists. Offsets are UTF-16. */
export interface WrittenTrace {
  text: string
  steps: {
    start: number
    end: number
    labels: Labels | null
    verifies: number | null
    returnsTo: number | null
  }[]
  /** Step in which each state was reached, by state id; −1 for the problem itself. */
  stepOf: Map<number, number>
  /** Steps that claim a value which is not the expression's: guesses, checked later on. */
  guesses: number[]
}

interface Piece {
  text: string
  gap: Gap
  labels: Labels | null
  guess: boolean
}

/** Collects the sentences of a trace and lays them out as steps. */
export interface Writer {
  /** Adds a sentence and returns its number. */
  say(text: string, options?: { gap?: Gap; labels?: Labels; guess?: boolean }): number
  /** The next sentence begins a line. */
  startLine(): void
  /** Notes that a state is reached in a piece; the last note counts. */
  reach(node: SearchNode, piece: number): void
  /** The piece in which a state is reached, or the problem. */
  where(node: SearchNode): Target
  finish(layout: 'prose' | 'lines'): WrittenTrace
}

export function createWriter(): Writer {
  const pieces: Piece[] = []
  const reached = new Map<number, number>()
  let fresh = false
  return {
    say(text, { gap = 'flow', labels, guess = false } = {}) {
      pieces.push({ text, gap: fresh && gap === 'flow' ? 'line' : gap, labels: labels ?? null, guess })
      fresh = false
      return pieces.length - 1
    },
    startLine: () => void (fresh = true),
    reach: (node, piece) => void reached.set(node.id, piece),
    where: (node) => reached.get(node.id) ?? 'problem',
    finish: (layout) => layOut(pieces, reached, layout),
  }
}

function layOut(
  pieces: readonly Piece[],
  reached: ReadonlyMap<number, number>,
  layout: 'prose' | 'lines',
): WrittenTrace {
  let text = ''
  const steps: WrittenTrace['steps'] = []
  /** Step of each piece. */
  const stepOf: number[] = []
  const guesses = new Set<number>()
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1]
    let gap = gapText(piece.gap, layout)
    // A formula or a tick ends a line, not a sentence.
    if (gap === ' ' && before !== undefined && !/[.!?:)]$/.test(before.text)) gap = '\n'
    if (before !== undefined && gap === ' ' && !separates(before.text, piece.text)) {
      // A reader cannot tell the two sentences apart by their form: they become one step where their
      // labels allow it, and two lines otherwise.
      if (canJoin(before, piece, index)) {
        const step = steps.at(-1)!
        text += gap + piece.text
        step.end = text.length
        if (piece.labels !== null) step.labels = { ...piece.labels, verifies: 'self' }
        stepOf.push(steps.length - 1)
        if (piece.guess) guesses.add(steps.length - 1)
        continue
      }
      gap = '\n'
    }
    if (before !== undefined) text += gap
    steps.push({
      start: text.length,
      end: text.length + piece.text.length,
      labels: piece.labels,
      verifies: null,
      returnsTo: null,
    })
    text += piece.text
    stepOf.push(steps.length - 1)
    if (piece.guess) guesses.add(steps.length - 1)
  }
  const resolve = (target: Target | undefined, own: number): number | null =>
    target === undefined ? null : target === 'problem' ? -1 : target === 'self' ? own : stepOf[target]!
  for (const [own, step] of steps.entries()) {
    step.verifies = resolve(step.labels?.verifies, own)
    step.returnsTo = resolve(step.labels?.returnsTo, own)
  }
  const states = new Map([...reached].map(([id, piece]) => [id, stepOf[piece]!]))
  return { text, steps, stepOf: states, guesses: [...guesses].sort((a, b) => a - b) }
}

function gapText(gap: Gap, layout: 'prose' | 'lines'): string {
  if (gap === 'paragraph') return '\n\n'
  return gap === 'line' || layout === 'lines' ? '\n' : ' '
}

/** Whether the form of two sentences on one line tells where the first ends. */
function separates(first: string, second: string): boolean {
  const [line] = first.slice(first.lastIndexOf('\n') + 1).split('\n')
  const joined = `${line!} ${second}`
  const steps = segment(joined)
  for (let i = 1; i < steps.length; i += 2) if (steps[i] === line!.length) return true
  return false
}

/** A plain sentence takes in another plain one, or the check of what it says. */
function canJoin(before: Piece, piece: Piece, index: number): boolean {
  if (before.labels !== null) return false
  if (piece.labels === null) return true
  const { behaviours, verifies } = piece.labels
  return behaviours.join() === 'verification' && (verifies === index - 1 || verifies === 'self')
}
