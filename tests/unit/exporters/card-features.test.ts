import { expect, it } from 'vitest'
import { featureLines } from '#engine/exporters/dataset/card-features.ts'

it('columns are told as the card of a dataset has them', () => {
  const columns = {
    prompt: 'string',
    messages: { list: { struct: { role: 'string', content: 'string' } } },
    origin: {
      struct: { row: 'int64', checkpoint: 'double', truth: { struct: { numbers: { list: 'double' } } } },
    },
    rating: 'int32',
    steps: { list: { list: 'int32' } },
    correct: 'boolean',
  } as const
  // As `datasets` writes the features of such a set itself.
  expect(featureLines(columns, '  ').join('\n')).toBe(`  - name: prompt
    dtype: string
  - name: messages
    list:
    - name: role
      dtype: string
    - name: content
      dtype: string
  - name: origin
    struct:
    - name: row
      dtype: int64
    - name: checkpoint
      dtype: float64
    - name: truth
      struct:
      - name: numbers
        list: float64
  - name: rating
    dtype: int32
  - name: steps
    list:
      list: int32
  - name: correct
    dtype: bool`)
})
