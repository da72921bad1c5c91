/** A column of how many steps show a behaviour of the workspace's own: `own_` and its id. */
export type OwnColumn = `own_${number}`

const OWN = /^own_([1-9]\d{0,9})$/

/** The column of a behaviour, by its id. */
export const ownColumn = (id: number): OwnColumn => `own_${id}`

/** The behaviour that a column counts; null where it is another column. */
export function ownIdOf(column: string): number | null {
  const id = OWN.exec(column)?.[1]
  return id === undefined ? null : Number(id)
}
