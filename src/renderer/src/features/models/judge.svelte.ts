import type { ApiOutput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Engine } from '../../app/engine.svelte.ts'

export type JudgeTotals = ApiOutput<'judge.list'>[number]
export type JudgeAgreement = ApiOutput<'judge.agreement'>
type Failures = ApiOutput<'judge.failures'>

const SETTING = 'judge'

/** What a person asks, and of whom; kept in the workspace, but for the key, which is nowhere. */
export class Asking {
  url = $state('')
  model = $state('')
  behaviours = $state.raw<readonly Behaviour[]>(BEHAVIOURS)
  sample = $state('200')
  concurrency = $state('4')
  /** Per million tokens asked and answered, in whatever currency; empty where it costs nothing. */
  priceAsked = $state('')
  priceAnswered = $state('')

  /** What is missing or cannot be used, in words; null when all can be asked for. */
  readonly problem = $derived.by(() => {
    if (!/^https?:\/\/\S+$/.test(this.url.trim()))
      return 'Name a server: an address that begins with http:// or https://.'
    if (this.model.trim() === '') return 'Name the model, as the server calls it.'
    if (this.sample.trim() !== '' && !isCount(this.sample))
      return '“Traces at most” is a whole number, or empty for all.'
    if (!isCount(this.concurrency) || Number(this.concurrency) > 64)
      return '“Questions at once” is a whole number from 1 to 64.'
    return this.behaviours.length === 0 ? 'Choose at least one behaviour to count.' : null
  })

  /** What the job takes; null while something is missing. */
  readonly input = $derived(
    this.problem === null
      ? {
          url: this.url.trim(),
          model: this.model.trim(),
          behaviours: [...this.behaviours],
          concurrency: Number(this.concurrency),
          sample: this.sample.trim() === '' ? null : Number(this.sample),
        }
      : null,
  )

  async read(engine: Engine): Promise<void> {
    const stored = (await engine.call('settings.get', {}))[SETTING]
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return
    const kept = stored as { readonly [key: string]: Json }
    const text = (key: string, otherwise: string) => (typeof kept[key] === 'string' ? kept[key] : otherwise)
    this.url = text('url', '')
    this.model = text('model', '')
    this.sample = text('sample', this.sample)
    this.concurrency = text('concurrency', this.concurrency)
    this.priceAsked = text('priceAsked', '')
    this.priceAnswered = text('priceAnswered', '')
  }

  async keep(engine: Engine): Promise<void> {
    const { url, model, sample, concurrency, priceAsked, priceAnswered } = this
    await engine.save('settings.set', {
      [SETTING]: { url, model, sample, concurrency, priceAsked, priceAnswered },
    })
  }

  /** What answers have cost at the prices given; null where none is. */
  costOf({ tokensAsked, tokensAnswered }: JudgeTotals): number | null {
    const [asked, answered] = [Number(this.priceAsked), Number(this.priceAnswered)]
    if (!(asked > 0) && !(answered > 0)) return null
    return ((asked || 0) * tokensAsked + (answered || 0) * tokensAnswered) / 1e6
  }
}

const isCount = (text: string): boolean => /^\s*[1-9]\d{0,8}\s*$/.test(text)

/** The judges whose answers are kept, and what one of them says. */
export class Judges {
  list = $state.raw<readonly JudgeTotals[] | null>(null)
  chosen = $state('')
  agreement = $state.raw<JudgeAgreement | null>(null)
  failures = $state.raw<Failures>([])
  readonly current = $derived(
    this.list?.find(({ judge }) => judge === this.chosen) ?? this.list?.at(0) ?? null,
  )
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async read(): Promise<void> {
    this.list = await this.#engine.call('judge.list', {})
    const judge = this.current?.judge
    if (judge === undefined) return
    const [agreement, failures] = await Promise.all([
      this.#engine.call('judge.agreement', { judge }),
      this.#engine.call('judge.failures', { judge }),
    ])
    // Another may have been chosen meanwhile.
    if (judge !== this.current?.judge) return
    this.agreement = agreement
    this.failures = failures
  }

  async choose(judge: string): Promise<void> {
    this.chosen = judge
    this.agreement = null
    this.failures = []
    await this.read()
  }
}
