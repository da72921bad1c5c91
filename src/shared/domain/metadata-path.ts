import type { Json } from './trace.ts'

/** The value at a dotted path, with `[i]` for lists (`bucket.level`, `scores[0]`); null where there is none. */
export function valueAt(json: Json, path: string): Json {
  let value: Json | undefined = json
  for (const part of path.replace(/\[(\d+)\]/g, '.$1').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null
    value = (value as { readonly [key: string]: Json })[part]
  }
  return value ?? null
}
