import { sql as initial } from './0001-initial.ts'

/** Migration n brings a database from version n − 1 to n. Never edit one that has shipped. */
export const MIGRATIONS: readonly string[] = [initial]
export const SCHEMA_VERSION = MIGRATIONS.length
