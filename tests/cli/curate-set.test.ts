import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedTraces } from './generated-traces.ts'

const { at, curate, make } = generatedTraces()

describe('a set', () => {
  it('is the same bytes when made again, and says what changed when not', async () => {
    const [first, again, moved] = [at('first'), at('again'), at('moved')]
    await make('backtracking-only', 'first')
    const same = await curate('--from', join(first, 'manifest.json'), '--inputs', at(), '--out', again)
    expect(same.stderr).toContain('same every file has the bytes')
    for (const file of readdirSync(first, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )) {
      const path = join(file.parentPath, file.name)
      expect(readFileSync(path.replace(first, again)).equals(readFileSync(path)), path).toBe(true)
    }
    const manifest = JSON.parse(readFileSync(join(first, 'manifest.json'), 'utf8')) as {
      versions: { cairn: string }
      source: { inputs: { sha256: string }[] }
    }
    manifest.versions.cairn = '0.0.1'
    writeFileSync(at('old.json'), JSON.stringify(manifest, null, 2))
    const older = await curate('--from', at('old.json'), '--inputs', at(), '--out', moved)
    expect(older.code).toBe(1)
    expect(older.stderr).toMatch(/versions\.cairn: "0\.0\.1" is now/)
    manifest.source.inputs[0]!.sha256 = '0'.repeat(64)
    writeFileSync(at('other.json'), JSON.stringify(manifest))
    const other = await curate('--from', at('other.json'), '--inputs', at(), '--out', at('never'))
    expect(other.stderr).toMatch(/right\.jsonl is another file now/)
    expect(existsSync(at('never'))).toBe(false)
  })

  it('never replaces what is not its own, and nothing appears when nothing is left', async () => {
    cpSync(at('right.jsonl'), at('mine', 'notes.jsonl'), { recursive: true })
    const refused = await make('backtracking-only', 'mine', '--force')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("not Cairn's")])
    writeFileSync(
      at('none.yaml'),
      'recipe: 1\nname: none\nfilters:\n- correct: true\n- field: run\n  is: nobody\n',
    )
    const none = await make(at('none.yaml'), 'nothing')
    expect(none.code).toBe(1)
    expect(none.stderr).toContain('280 in the source → 240 correct → 0 run is "nobody"')
    expect(existsSync(at('nothing'))).toBe(false)
    expect(readdirSync(at()).filter((name) => name.startsWith('.cairn'))).toEqual([])
  })

  it('with a bad recipe says where', async () => {
    writeFileSync(at('bad.yaml'), 'recipe: 1\nname: bad\nfilters:\n- corect: true\n')
    const bad = await make(at('bad.yaml'), 'bad')
    expect([bad.code, bad.stderr]).toEqual([
      2,
      expect.stringMatching(/bad\.yaml:4:3 filters\[0\]: "corect" is not known here/),
    ])
  })
})
