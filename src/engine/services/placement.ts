import { z } from 'zod'
import { BatchTokens, Device, Precision, type Place } from '#shared/contract/classify.ts'
import type { Json } from '#shared/domain/trace.ts'

/** Where a model runs, in full, as a job keeps it. Jobs of earlier versions say less. */
export const Placed = z.object({
  device: Device,
  threads: z.int().min(1).nullable().default(null),
  precision: Precision.default('auto'),
  batch: BatchTokens.nullable().default(null),
})
export type Placed = z.infer<typeof Placed>

/** Completes what a call says by the workspace's settings. */
export type Placement = (place: Place) => Placed

/** A setting that makes no sense is as good as none. */
const PlaceSettings = z.object({
  device: Device.catch('auto'),
  threads: z.int().min(1).nullable().catch(null),
  precision: Precision.catch('auto'),
  batch: BatchTokens.nullable().catch(null),
})

/** What is not said is as the workspace's settings of the same names say. */
export const createPlacement =
  (settings: () => Record<string, Json>): Placement =>
  ({ device, threads, precision, batch }) => {
    const kept = PlaceSettings.parse(settings())
    return {
      device: device ?? kept.device,
      threads: threads ?? kept.threads,
      precision: precision ?? kept.precision,
      batch: batch ?? kept.batch,
    }
  }

/** The part of a job's input that says where its model runs. */
export const placeOf = ({ device, threads, precision, batch }: Placed): Placed => ({
  device,
  threads,
  precision,
  batch,
})
