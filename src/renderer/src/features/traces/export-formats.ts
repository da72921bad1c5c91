import type { ExportContainer, ExportFormat } from '#shared/contract/exports.ts'

/** The rows that can be written, in the words of the export dialog. */
export const EXPORT_FORMATS: readonly { id: ExportFormat; title: string; text: string }[] = [
  { id: 'messages', title: 'Chat messages', text: 'messages with roles, as chat fine-tuning reads them' },
  { id: 'prompt_completion', title: 'Prompt, completion', text: 'two texts, as TRL reads them' },
  { id: 'query_completion', title: 'Query, completion', text: 'the layout of verl and of the priming sets' },
  { id: 'traces', title: 'Whole traces', text: 'every field, steps, predictions and labels' },
  { id: 'annotations', title: 'Labels', text: 'what people said, to bring into another workspace' },
]

/** A file's name with the ending of what is written into it. */
export function withSuffix(path: string, container: ExportContainer): string {
  return `${path.replace(/\.(jsonl|parquet)$/i, '')}.${container}`
}

/** A file beside the workspace's database: a place that is there and can be written to. */
export function suggestedPath(workspace: string | null, container: ExportContainer): string {
  const name = withSuffix('cairn-export', container)
  if (workspace === null) return name
  const slash = workspace.includes('\\') ? '\\' : '/'
  return `${workspace.replace(/[\\/]+$/, '')}${slash}${name}`
}
