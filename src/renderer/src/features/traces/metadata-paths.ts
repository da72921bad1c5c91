import type { Json } from '#shared/domain/trace.ts'

const MOST = 60
const DEEPEST = 4
/** Keys that a metadata path cannot write. */
const UNFIT = /[.[\]"]/

/** Paths of the values in a trace's metadata, as filters write them: `bucket.complexity`, `scores[0]`. */
export function metadataPaths(metadata: { readonly [key: string]: Json }): string[] {
  const paths: string[] = []
  const walk = (value: Json, path: string, depth: number) => {
    if (paths.length >= MOST || depth > DEEPEST) return
    if (Array.isArray(value)) {
      const [first] = value as readonly Json[]
      if (first !== undefined) walk(first, `${path}[0]`, depth + 1)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value))
        if (key !== '' && !UNFIT.test(key)) walk(inner, path === '' ? key : `${path}.${key}`, depth + 1)
    } else paths.push(path)
  }
  walk(metadata, '', 0)
  return paths
}
