import type { ApiInput, ApiOutput } from '#shared/contract/index.ts'
import type { Engine } from '../../app/engine.svelte.ts'

export type Preview = ApiOutput<'imports.preview'>
export type FilePreview = Preview['files'][number]
export type Mapping = NonNullable<FilePreview['mapping']>
export type MappingField = keyof Mapping['fields']

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

/** How one file is to be read where that differs from the rest of the import. */
export type FileChoice = Omit<NonNullable<ApiInput<'imports.start'>['files']>[number], 'file'>

/** An import being prepared: which files, and how they are to be read. */
export class ImportDraft {
  paths = $state.raw<readonly string[]>([])
  run = $state('')
  checkpoint = $state('')
  /** What the person said of single files, by the name that the preview gives them. */
  choices = $state.raw<ReadonlyMap<string, FileChoice>>(new Map())
  preview = $state.raw<Preview | null>(null)
  shapes = $state.raw<ApiOutput<'imports.shapes'>>([])
  problem = $state<string | null>(null)
  busy = $state(false)
  /** Files that will be imported. */
  readonly chosen = $derived(
    this.preview?.files.filter((file) => !file.fatal && !this.isLeftOut(file.file)) ?? [],
  )
  readonly #engine: Engine
  #turn = 0

  constructor(engine: Engine, paths: readonly string[]) {
    this.#engine = engine
    this.paths = paths
    if (paths.length > 0) void this.look()
    engine.call('imports.shapes', {}).then(
      (shapes) => (this.shapes = shapes),
      // Without the list, files are read as they are recognised.
      () => undefined,
    )
  }

  /** What the import is asked for. */
  get input(): ApiInput<'imports.start'> {
    const run = this.run.trim()
    const checkpoint = stepOf(this.checkpoint)
    const files = [...this.choices].map(([file, choice]) => ({ file, ...choice }))
    return {
      paths: [...this.paths],
      ...(run === '' ? {} : { run }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(files.length === 0 ? {} : { files }),
    }
  }

  isLeftOut(file: string): boolean {
    return this.choices.get(file)?.leaveOut === true
  }

  setPaths(paths: readonly string[]): void {
    this.paths = [...new Set(paths.map((path) => path.trim()).filter((path) => path !== ''))]
    void this.look()
  }

  /** Says something of one file; what is undefined is taken back. */
  choose(file: string, choice: { [K in keyof FileChoice]?: FileChoice[K] | undefined }): void {
    const merged = Object.entries({ ...this.choices.get(file), ...choice }).filter(
      ([, value]) => value !== undefined,
    )
    const others = [...this.choices].filter(([name]) => name !== file)
    this.choices = new Map(merged.length === 0 ? others : [...others, [file, Object.fromEntries(merged)]])
    if (!('leaveOut' in choice)) void this.look()
  }

  /** Changes where one field of a file comes from; an empty path leaves the field out. */
  setField(file: string, base: Mapping, field: MappingField, path: string): void {
    const { [field]: _old, ...rest } = base.fields
    const fields = path.trim() === '' ? rest : { ...rest, [field]: path.trim() }
    this.choose(file, { shape: undefined, mapping: { shape: base.shape, fields } })
  }

  /** Reads every file as one of them is read. */
  useEverywhere(file: string): void {
    const { shape, mapping } = this.choices.get(file) ?? {}
    const names = this.preview?.files.map((one) => one.file) ?? []
    this.choices = new Map(
      names.map((name) => {
        const { shape: _shape, mapping: _mapping, ...kept } = this.choices.get(name) ?? {}
        return [name, { ...kept, ...(shape && { shape }), ...(mapping && { mapping }) }]
      }),
    )
    void this.look()
  }

  /** Reads the first records of every file as they would be imported. */
  async look(): Promise<void> {
    const turn = ++this.#turn
    this.problem = null
    if (this.paths.length === 0) {
      this.preview = null
      this.busy = false
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

/** A training step as it was typed; undefined when it is none. */
export function stepOf(typed: string): number | undefined {
  const step = Number(typed)
  return typed.trim() === '' || !Number.isFinite(step) ? undefined : step
}
