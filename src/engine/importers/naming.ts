/** What a file's place says about its traces. */
interface FileNaming {
  run: string | null
  checkpoint: number | null
}

/** Stems that say what kind of file it is, not whose traces: the folder names the run then. */
const GENERIC = new Set(
  [
    ...[
      'eval',
      'evals',
      'evaluation',
      'eval_samples',
      'eval_results',
      'sample',
      'samples',
      'completion',
      'completions',
    ],
    ...[
      'rollout',
      'rollouts',
      'rollout_data',
      'result',
      'results',
      'output',
      'outputs',
      'data',
      'train',
      'test',
      'val',
    ],
    ...[
      'dev',
      'valid',
      'validation',
      'generations',
      'generation',
      'predictions',
      'responses',
      'traces',
      'trace',
      'part',
    ],
    ...[
      'shard',
      'chunk',
      'dataset',
      'checkpoints',
      'ckpts',
      'log',
      'logs',
      'json',
      'jsonl',
      'parquet',
      'csv',
      'inner',
    ],
    ...[
      'base_solution',
      'chunks_labeled',
      'problem',
      'validation_data',
      'default',
      'main',
      'split',
      'file',
      'stdin',
    ],
  ].map((name) => name.replaceAll('_', '')),
)

const EXTENSION = /\.(?:jsonl?|ndjson|csv|tsv|parquet|txt|md|log|eval|gz|gzip|zst|zstd|zip|tar|tgz|bz2|xz)$/i
const STEP = /(?:^|[-_.])(?:global[-_]?step|checkpoint|ckpt|step|iteration|iter)[-_=]?(\d{1,15})(?=$|[-_.])/i
const SHARD =
  /[-_.]?\d{1,6}[-_]of[-_]\d{1,6}$|^(part|shard|chunk|train|test|data|file|split)[-_]?\d+(?:[-_].*)?$/i
// lm-eval, Inspect and most scripts: 2026-01-21T03-44-18.458309, 20250330-051804, 2025-05-12T20-28-13-04-00
const STAMP =
  /[-_.]?(?<!\d)(?:19|20)\d{2}-?\d{2}-?\d{2}(?:[T_-]\d{2}[-:]?\d{2}[-:]?\d{2}(?:[.-]\d{2}-\d{2}|\.\d+)?(?:Z|\+\d{2}[-:]\d{2})?)?(?!\d)[-_.]?/g

/**
 * The run and training step a file's path names: `grpo/step_250/eval_samples.jsonl` → run `grpo`,
 * checkpoint 250. Folders that only say the step, generic names (samples, results, train, part-00000 …),
 * bare numbers, time stamps and extensions are passed over; the run is the file stem if something is
 * left of it, else the nearest folder of which something is. `archive.zip!inner/x.jsonl` is one path.
 *
 * The import uses it for every trace whose draft has no run. Only shapes whose format states the model
 * as a fact of the record (Inspect, OpenAI batch, MATH500, stream-of-search, Mr-Ben, labelled rows,
 * thought-anchors folders) set `run` themselves, and mappings with a path for it, which the preview
 * shows; the user's own choice beats all.
 */
export function nameFromPath(file: string): FileNaming {
  const parts = file
    .split(/[/\\!]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..' && !/^[A-Za-z]:$/.test(part))
  let checkpoint: number | null = null
  for (let at = parts.length - 1; at >= 0; at--) {
    const name = stripExtensions(parts[at] as string)
    checkpoint ??= stepIn(name)
    const run = meaningful(name, at === parts.length - 1)
    if (run === null) continue
    // `step_250/math.jsonl`: the step stands above a file that names itself.
    const above = stripExtensions(parts[at - 1] ?? '')
    if (checkpoint === null && meaningful(above, false) === null) checkpoint = stepIn(above)
    return { run, checkpoint }
  }
  return { run: null, checkpoint }
}

function stripExtensions(name: string): string {
  let stem = name
  while (EXTENSION.test(stem) && stem.replace(EXTENSION, '') !== '') stem = stem.replace(EXTENSION, '')
  return stem
}

/** The training step a name states (`step_250`, `checkpoint-1200`, `completions_step40`), or null. */
export function stepIn(name: string): number | null {
  const match = STEP.exec(name) ?? /step[-_]?(\d{1,15})$/i.exec(name)
  return match === null ? null : Number(match[1])
}

/** The number a file is named by (`rollouts/75.jsonl` → 75), or null: a step only where the format says so. */
export function numberStem(file: string): number | null {
  const stem = stripExtensions(file.split(/[/\\!]+/).at(-1) ?? '')
  return /^\d{1,15}$/.test(stem) ? Number(stem) : null
}

function meaningful(name: string, isFile: boolean): string | null {
  let left = name.replaceAll(STAMP, (stamp, at: number) =>
    at === 0 || at + stamp.length === name.length ? '' : '_',
  )
  left = left.replace(STEP, '').replace(/[-_]?step[-_]?\d{1,15}$/i, '')
  if (isFile) left = left.replace(SHARD, '')
  left = left.replace(/^[-_.\s]+|[-_.\s]+$/g, '')
  if (left === '' || /^\d+$/.test(left)) return null
  return GENERIC.has(left.toLowerCase().replaceAll(/[-_\s.]/g, '')) ? null : left
}
