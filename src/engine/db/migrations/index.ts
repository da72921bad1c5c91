import { sql as initial } from './0001-initial.ts'
import { sql as historyNotesViews } from './0002-history-notes-views.ts'
import { sql as receipts } from './0003-receipts.ts'
import { sql as graphs } from './0004-graphs.ts'
import { sql as recipes } from './0005-recipes.ts'
import { sql as models } from './0006-models.ts'
import { sql as judgements } from './0007-judgements.ts'
import { sql as ownBehaviours } from './0008-own-behaviours.ts'
import { sql as vectorsSurprisal } from './0009-vectors-surprisal.ts'
import { sql as verdicts } from './0010-verdicts.ts'
import { sql as ownEverywhere } from './0011-own-everywhere.ts'
import { sql as ownHeads } from './0012-own-heads.ts'

/** Migration n brings a database from version n − 1 to n. Never edit one that has shipped. */
export const MIGRATIONS: readonly string[] = [
  initial,
  historyNotesViews,
  receipts,
  graphs,
  recipes,
  models,
  judgements,
  ownBehaviours,
  vectorsSurprisal,
  verdicts,
  ownEverywhere,
  ownHeads,
]
export const SCHEMA_VERSION = MIGRATIONS.length
