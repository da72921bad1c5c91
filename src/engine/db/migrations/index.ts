import { sql as initial } from './0001-initial.ts'
import { sql as historyNotesViews } from './0002-history-notes-views.ts'
import { sql as receipts } from './0003-receipts.ts'

/** Migration n brings a database from version n − 1 to n. Never edit one that has shipped. */
export const MIGRATIONS: readonly string[] = [initial, historyNotesViews, receipts]
export const SCHEMA_VERSION = MIGRATIONS.length
