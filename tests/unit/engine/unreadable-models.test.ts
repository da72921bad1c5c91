import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { findModel, listModels, unreadableModels } from '#engine/inference/models.ts'
import { installPaths } from '#engine/install-paths.ts'
import { engineFor } from './engine-for.ts'
import { putTinyModel } from './tiny-model.ts'

const opened = engineFor('file')
const own = () => join(opened.workspace, 'models')
/** What a power cut, or a newer Cairn, may leave. */
const spoil = (id: string, manifest: string) => {
  mkdirSync(join(own(), id), { recursive: true })
  writeFileSync(join(own(), id, 'manifest.json'), manifest)
}

beforeAll(() => {
  putTinyModel(join(own(), 'tiny'))
  spoil('torn', '')
  spoil('newer', JSON.stringify({ id: 'newer', version: '1', title: 'Newer', kind: 'diffusion' }))
})

describe('a model whose manifest cannot be read', () => {
  it('takes none of the others away, and is told of', async () => {
    const { client } = opened
    const list = (await client.call('models.list', {})).map(({ id }) => id)
    expect(list).toEqual(['cairn-accurate', 'cairn-fast', 'tiny'])
    const unreadable = await client.call('models.unreadable', {})
    expect(unreadable.map(({ id, builtIn }) => [id, builtIn]).sort()).toEqual([
      ['newer', false],
      ['torn', false],
    ])
    for (const { id, problem } of unreadable) expect(problem).toContain(join(own(), id))
  })

  it('fails only who asks for it', async () => {
    const { client } = opened
    expect((await client.call('models.card', { model: 'tiny' })).card).toBeNull()
    for (const model of ['torn', 'newer'])
      await expect(client.call('models.card', { model })).rejects.toMatchObject({ code: 'model_invalid' })
  })

  it('is not passed over in silence where it is the one that is used without a name', () => {
    const folder = join(opened.folder, 'installed')
    putTinyModel(join(folder, 'tiny'))
    mkdirSync(join(folder, 'cairn-accurate'))
    writeFileSync(join(folder, 'cairn-accurate/manifest.json'), '{')
    expect(listModels([folder]).map(({ id }) => id)).toEqual(['tiny'])
    expect(unreadableModels([folder])).toMatchObject([{ id: 'cairn-accurate', builtIn: true }])
    let thrown: unknown
    try {
      findModel([folder])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'model_invalid' })
  })

  it('takes none of the others away where it is the one that is used without a name', async () => {
    const folder = join(opened.folder, 'without')
    const put = (id: string) => {
      putTinyModel(join(folder, id))
      const path = join(folder, id, 'manifest.json')
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as object
      writeFileSync(path, JSON.stringify({ ...manifest, id }))
    }
    mkdirSync(join(folder, 'cairn-accurate'), { recursive: true })
    writeFileSync(join(folder, 'cairn-accurate/manifest.json'), '{')
    const { entries, version } = installPaths()
    const options = { workspace: join(opened.folder, 'other'), create: true, modelsDir: folder }
    const engine = createEngine({ ...options, entries, version })
    const client = localClient(engine)
    const listed = async () =>
      (await client.call('models.list', {})).map(({ id, standard }) => (standard ? `${id}, used` : id))
    try {
      expect(await listed()).toEqual([])
      put('a')
      expect(await listed()).toEqual(['a'])
      put('cairn-fast')
      expect(await listed()).toEqual(['a', 'cairn-fast'])
      await expect(client.call('classify.start', {})).rejects.toMatchObject({ code: 'model_invalid' })
      await client.call('settings.set', { model: 'cairn-fast' })
      expect(await listed()).toEqual(['a', 'cairn-fast, used'])
    } finally {
      await engine.close()
    }
  })

  it('keeps its name until it is removed, and can be put back', async () => {
    const { client } = opened
    const folder = join(import.meta.dirname, '../../fixtures/models/tiny-encoder')
    await expect(client.call('models.add', { folder, id: 'torn' })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await client.call('models.remove', { model: 'torn' })).toEqual({ removed: true })
    expect(existsSync(join(own(), 'torn'))).toBe(false)
    expect(await client.call('models.restore', { model: 'torn' })).toEqual({ restored: true })
    expect(existsSync(join(own(), 'torn/manifest.json'))).toBe(true)
    await client.call('models.remove', { model: 'torn' })
    expect((await client.call('models.add', { folder, id: 'torn' })).tasks).toEqual(['vectors'])
    await expect(client.call('models.remove', { model: 'cairn-fast' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})
