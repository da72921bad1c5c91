import type { ApiInput, ApiOutput } from '#shared/contract/index.ts'
import type { Engine } from '../../app/engine.svelte.ts'

export type Preview = ApiOutput<'imports.preview'>
export type FilePreview = Preview['files'][number]
export type Mapping = NonNullable<FilePreview['mapping']>
export type MappingField = keyof Mapping['fields']

/** Whether anything comes out of a file: single records may still be rejected. */
export function isReadable({ problem, traces }: Pick<FilePreview, 'problem' | 'traces'>): boolean {
  return problem === null || traces.length > 0
}

/** Fields in the order in which people think of them. */
export const MAPPING_FIELDS: readonly { readonly id: MappingField; readonly label: string }[] = [
  { id: 'prompt', label: 'Prompt' },
  { id: 'messages', label: 'Messages' },
  { id: 'response', label: 'Response' },
  { id: 'reasoning', label: 'Reasoning' },
  { id: 'reference', label: 'Reference answer' },
  { id: 'correct', label: 'Correct' },
  { id: 'reward', label: 'Reward' },
  { id: 'run', label: 'Run' },
  { id: 'checkpoint', label: 'Training step' },
  { id: 'sample', label: 'Sample' },
  { id: 'key', label: 'Key' },
  { id: 'truncated', label: 'Truncated' },
  { id: 'tokens', label: 'Tokens' },
]

/** An import being prepared: which files, and how they are to be read. */
export class ImportDraft {
  paths = $state.raw<readonly string[]>([])
  run = $state('')
  checkpoint = $state('')
  /** Set once the person changes a field; then it holds for every file. */
  mapping = $state.raw<Mapping | null>(null)
  preview = $state.raw<Preview | null>(null)
  problem = $state<string | null>(null)
  busy = $state(false)
  readonly readable = $derived(this.preview?.files.filter(isReadable) ?? [])
  readonly #engine: Engine
  #turn = 0

  constructor(engine: Engine, paths: readonly string[]) {
    this.#engine = engine
    this.paths = paths
    if (paths.length > 0) void this.look()
  }

  /** What the import is asked for. */
  get input(): ApiInput<'imports.start'> {
    const step = Number(this.checkpoint)
    return {
      paths: [...this.paths],
      ...(this.run.trim() === '' ? {} : { run: this.run.trim() }),
      ...(this.checkpoint.trim() === '' || !Number.isFinite(step) ? {} : { checkpoint: step }),
      ...(this.mapping === null ? {} : { mapping: this.mapping }),
    }
  }

  setPaths(paths: readonly string[]): void {
    this.paths = [...new Set(paths.map((path) => path.trim()).filter((path) => path !== ''))]
    this.mapping = null
    void this.look()
  }

  /** Changes where one field comes from; an empty path leaves the field out. */
  setField(base: Mapping, field: MappingField, path: string): void {
    const { [field]: _old, ...rest } = (this.mapping ?? base).fields
    this.mapping = {
      shape: base.shape,
      fields: path.trim() === '' ? rest : { ...rest, [field]: path.trim() },
    }
    void this.look()
  }

  /** Lets the person say where fields are, whatever the files look like. */
  mapByHand(): void {
    this.mapping = { shape: 'fields', fields: {} }
    void this.look()
  }

  resetMapping(): void {
    this.mapping = null
    void this.look()
  }

  /** Reads the first records of every file as they would be imported. */
  async look(): Promise<void> {
    const turn = ++this.#turn
    this.problem = null
    if (this.paths.length === 0) {
      this.preview = null
      return
    }
    this.busy = true
    try {
      const preview = await this.#engine.call('imports.preview', { ...this.input, records: 3 })
      if (turn === this.#turn) this.preview = preview
    } catch (thrown) {
      if (turn === this.#turn) this.problem = (thrown as Error).message
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }
}
