import type { EngineClient } from '#engine/create-engine.ts'
import type { OwnBehaviour } from '#shared/contract/own.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'

/**
 * A behaviour of the workspace's own by its name, in small or capital letters.
 * @throws CairnError `not_found` naming those that there are
 */
export async function findOwn(client: EngineClient, name: string): Promise<OwnBehaviour> {
  const all = await client.call('own.list', {})
  const found = all.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const known = all.map((one) => `"${one.name}"`).join(', ')
  throw new CairnError(
    'not_found',
    `There is no behaviour called "${name}". ${known === '' ? 'There is none of your own yet.' : `There is ${known}.`} Built in are ${BEHAVIOURS.join(', ')}.`,
    { name },
  )
}
