import type { z } from 'zod'

/** One method: what goes in (validated at the boundary) and what comes out. */
export interface Endpoint {
  readonly input: z.ZodType
  readonly output: z.ZodType
}

export type Contract = Readonly<Record<string, Endpoint>>

export type Input<C extends Contract, M extends keyof C> = z.input<C[M]['input']>
export type Parsed<C extends Contract, M extends keyof C> = z.output<C[M]['input']>
export type Output<C extends Contract, M extends keyof C> = z.output<C[M]['output']>

/** The functions a host needs to serve a contract: a missing one is a type error. */
export type Handlers<C extends Contract> = {
  readonly [M in keyof C]: (input: Parsed<C, M>) => Promise<Output<C, M>> | Output<C, M>
}
