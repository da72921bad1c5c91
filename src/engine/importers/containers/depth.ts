/** Whether a value nests deeper than `limit` levels of arrays and objects; never recurses deeper. */
export function nestsDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null && nestsDeeperThan(item, limit - 1)) return true
    }
    return false
  }
  const record = value as Record<string, unknown>
  for (const key in record) {
    const item = record[key]
    if (typeof item === 'object' && item !== null && nestsDeeperThan(item, limit - 1)) return true
  }
  return false
}
