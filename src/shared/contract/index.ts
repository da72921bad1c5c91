import { agreement } from './agreement.ts'
import { classify } from './classify.ts'
import type { Handlers, Input, Output } from './contract.ts'
import { desk } from './desk.ts'
import { exports } from './exports.ts'
import { graphs } from './graphs.ts'
import { history } from './history.ts'
import { imports } from './imports.ts'
import { jobs } from './jobs.ts'
import { judge } from './judge.ts'
import { labels } from './labels.ts'
import { learning } from './learning.ts'
import { models } from './models.ts'
import { own } from './own.ts'
import { recipes } from './recipes.ts'
import { rewrite } from './rewrite.ts'
import { similar } from './similar.ts'
import { stats } from './stats.ts'
import { surprisal } from './surprisal.ts'
import { traces } from './traces.ts'
import { verdicts } from './verdicts.ts'
import { workspace } from './workspace.ts'

/** The whole API. Every host serves exactly this. */
export const api = {
  ...workspace,
  ...imports,
  ...traces,
  ...labels,
  ...agreement,
  ...classify,
  ...models,
  ...learning,
  ...own,
  ...similar,
  ...surprisal,
  ...stats,
  ...exports,
  ...recipes,
  ...graphs,
  ...judge,
  ...verdicts,
  ...rewrite,
  ...history,
  ...desk,
  ...jobs,
}

export type Api = typeof api
export type Method = keyof Api
export type ApiInput<M extends Method> = Input<Api, M>
export type ApiOutput<M extends Method> = Output<Api, M>
export type ApiHandlers = Handlers<Api>
