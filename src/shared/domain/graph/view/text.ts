import type { GraphNode } from '../types.ts'

/** What a node says of itself: its title, and beside it what is left, what was wrong, how often it occurs. */
export interface NodeText {
  readonly title: string
  readonly detail: string
  /** Set where arithmetic is wrong: what it should have been, `≠ 17` or `52 − 20 = 19 ≠ 32`. */
  readonly wrong: string | null
}

const SIGNS: Record<string, string> = { '*': '×', '/': '÷', '-': '−' }

/** Arithmetic as it is set in print. */
export function typeset(expression: string): string {
  return expression
    .replace(/\s+/g, '')
    .replace(/(?<=[\d)])([-+*/])/g, (_, sign: string) => ` ${SIGNS[sign] ?? sign} `)
    .replace(/-/g, '−')
    .replace(/=/g, ' = ')
}

const NOTHING = 'nothing'

/** What has no value, or one too great for a number, is null where a graph was written as JSON. */
const number = (value: number | null): string =>
  value !== null && Number.isFinite(value) ? String(Number(value.toPrecision(6))).replace('-', '−') : NOTHING

/** `#0,1 75 − 32 = 43`, `left 70, 63, 43`. */
export function nodeText({ kind, label, state, count, flags }: GraphNode): NodeText {
  const details: string[] = []
  const isLoop = kind === 'loop' && count !== undefined
  if (count !== undefined && !isLoop) details.push(`× ${count}`)
  const left = state?.numbers ?? []
  const isWhole = left.length === 1 && left[0] === state?.claimed
  if (left.length > 0 && kind !== 'problem' && !isWhole) details.push(`left ${left.map(number).join(', ')}`)
  if (state?.score !== undefined) details.push(`score ${number(state.score)}`)
  if (flags?.includes('nonexistent')) details.push('never made')
  if (flags?.includes('unavailable_numbers'))
    details.push(`${(state?.unavailable ?? []).map(number).join(', ')} not there`)
  const wrong = flags?.includes('wrong_arithmetic') === true ? wrongText(state) : null
  // How often comes first: it is what a loop is about, and ends of long texts are cut.
  const title = `${isLoop ? `Repeated × ${count}: ` : ''}${titleOf(kind, label, state)}`
  return { title, detail: details.join(' · '), wrong }
}

function wrongText(state: GraphNode['state']): string | null {
  const { value, claimed, equations = [] } = state ?? {}
  if (value != null && claimed != null && Math.abs(value - claimed) > 1e-9) return `≠ ${number(value)}`
  const wrong = equations.find(({ holds }) => !holds)
  if (wrong === undefined) return null
  const right = wrong.claimed === null ? typeset(wrong.right) : number(wrong.claimed)
  return `${typeset(wrong.left)} = ${right} ≠ ${number(wrong.value)}`
}

function titleOf(kind: GraphNode['kind'], label: string, state: GraphNode['state']): string {
  const name = state?.node === undefined ? '' : `#${state.node} `
  if (state?.operation === undefined || kind === 'problem') return name === '' ? label : name.trim()
  const written = typeset(state.operation)
  const claim = state.claimed != null && !written.includes('=') ? ` = ${number(state.claimed)}` : ''
  return `${name}${written}${claim}`
}
