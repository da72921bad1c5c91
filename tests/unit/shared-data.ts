import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Real traces beside the checkout; tests on them are skipped where they are absent. */
export const SHARED_DATA = resolve(import.meta.dirname, '../../../shared/data')
export const hasSharedData = existsSync(SHARED_DATA)
