import { classify } from './classify.ts'
import type { Handlers, Input, Output } from './contract.ts'
import { desk } from './desk.ts'
import { exports } from './exports.ts'
import { history } from './history.ts'
import { imports } from './imports.ts'
import { jobs } from './jobs.ts'
import { labels } from './labels.ts'
import { models } from './models.ts'
import { stats } from './stats.ts'
import { traces } from './traces.ts'
import { workspace } from './workspace.ts'

/** The whole API. Every host serves exactly this. */
export const api = {
  ...workspace,
  ...imports,
  ...traces,
  ...labels,
  ...classify,
  ...models,
  ...stats,
  ...exports,
  ...history,
  ...desk,
  ...jobs,
}

export type Api = typeof api
export type Method = keyof Api
export type ApiInput<M extends Method> = Input<Api, M>
export type ApiOutput<M extends Method> = Output<Api, M>
export type ApiHandlers = Handlers<Api>
