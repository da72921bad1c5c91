import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { CairnError } from '#shared/errors.ts'
import { startWebHost, type WebHost, type WebHostOptions } from './host.ts'

/** The ports that nobody may register. */
const DYNAMIC = { first: 49_152, count: 16_384 }

/**
 * The port that a workspace is served on where it is free. To a browser another port is another origin, which
 * has nothing of what a page kept on this one: changes not sent yet, theme, keys, columns.
 * @param workspace folder that exists
 */
export function usualPort(workspace: string): number {
  const digest = createHash('sha256').update(realpathSync(workspace)).digest()
  return DYNAMIC.first + (digest.readUInt32BE() % DYNAMIC.count)
}

/**
 * Starts the host on the workspace's usual port, or on any free one where that is taken.
 * @throws CairnError as `startWebHost` does
 */
export async function startOnUsualPort(
  workspace: string,
  options: Omit<WebHostOptions, 'port'>,
): Promise<WebHost> {
  try {
    return await startWebHost({ ...options, port: usualPort(workspace) })
  } catch (thrown) {
    // What is wrong with anything but the port is wrong on every port.
    if (!(thrown instanceof CairnError) || thrown.details['port'] === undefined) throw thrown
    return startWebHost({ ...options, port: 0 })
  }
}
