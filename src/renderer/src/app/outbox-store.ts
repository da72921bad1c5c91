import type { ApiInput, ApiOutput } from '#shared/contract/index.ts'

/** Changes that may be repeated without doing them twice. */
export type PostMethod = 'labels.apply' | 'notes.set' | 'graphs.edit'

/** A change that the engine has not confirmed. */
export interface Post {
  readonly token: string
  readonly method: PostMethod
  readonly input: ApiInput<PostMethod>
  /** In words. */
  readonly title: string
  /** Ids below zero that stand for the labels it adds, in their order. */
  readonly unborn: readonly number[]
  /** Whether the engine may have it already. */
  readonly sent: boolean
}

const PREFIX = 'cairn.outbox'

const keyOf = (workspace: string, page: string) => `${PREFIX}/${page}/${workspace}`

/** Keeps what waits in the browser's store. False when there is no room. */
export function keepBox(workspace: string, page: string, posts: readonly Post[]): boolean {
  try {
    if (posts.length === 0) localStorage.removeItem(keyOf(workspace, page))
    else localStorage.setItem(keyOf(workspace, page), JSON.stringify(posts))
    return true
  } catch {
    return posts.length === 0
  }
}

/** What a page left; nothing where it is torn or of another kind. */
export function readBox(workspace: string, page: string): readonly Post[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(workspace, page)) ?? '[]')
    return Array.isArray(stored) ? (stored as Post[]) : []
  } catch {
    return []
  }
}

/** The pages that left changes of a workspace. */
export function boxesLeft(workspace: string): string[] {
  return Object.keys(localStorage).flatMap((key) => {
    const [prefix, page, ...rest] = key.split('/')
    return prefix === PREFIX && page !== undefined && rest.join('/') === workspace ? [page] : []
  })
}

/** What waits after a change was answered: labels that it added are known by their ids from now on. */
export function withBorn(
  posts: readonly Post[],
  { method, unborn }: Pick<Post, 'method' | 'unborn'>,
  answer: ApiOutput<PostMethod>,
): Post[] {
  if (method !== 'labels.apply' || unborn.length === 0) return [...posts]
  const { added } = answer as ApiOutput<'labels.apply'>
  const born = new Map(unborn.map((id, index) => [id, added[index]!.id]))
  const idOf = (id: number) => born.get(id) ?? id
  return posts.map((post) => {
    if (post.method !== 'labels.apply') return post
    const input = post.input as ApiInput<'labels.apply'>
    return {
      ...post,
      input: {
        ...input,
        update: input.update?.map((change) => ({ ...change, id: idOf(change.id) })),
        remove: input.remove?.map(idOf),
      },
    }
  })
}
