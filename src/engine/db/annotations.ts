import type { Annotation } from '#shared/contract/labels.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Db } from './connection.ts'

interface Raw {
  id: number
  trace_id: number
  start: number
  end: number
  behaviour: Behaviour
  verdict: Annotation['verdict']
  annotator: string
  at: string
  text_hash: string
  target: string | null
  note: string
}

/** How many labels a person gave a trace. */
interface LabelledBy {
  traceId: number
  annotator: string
  labels: number
}

function toAnnotation(raw: Raw): Annotation {
  return {
    id: raw.id,
    traceId: raw.trace_id,
    start: raw.start,
    end: raw.end,
    behaviour: raw.behaviour,
    verdict: raw.verdict,
    annotator: raw.annotator,
    at: raw.at,
    textHash: raw.text_hash,
    target: raw.target === null ? null : (JSON.parse(raw.target) as Annotation['target']),
    note: raw.note,
  }
}

export type AnnotationStore = ReturnType<typeof createAnnotationStore>

/** People's labels. They never touch predictions, nor predictions them. */
export function createAnnotationStore(db: Db) {
  const ofTrace = db.prepare<[number], Raw>(
    'SELECT * FROM annotations WHERE trace_id = ? ORDER BY start, "end", id',
  )
  const byId = db.prepare<[number | bigint], Raw>('SELECT * FROM annotations WHERE id = ?')
  const add = db.prepare(`
    INSERT INTO annotations (id, trace_id, start, "end", behaviour, verdict, annotator, at, text_hash, target, note)
    VALUES (1 + max((SELECT coalesce(max(id), 0) FROM annotations), (SELECT last FROM annotation_ids)),
      ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const addAs = db.prepare(`
    INSERT INTO annotations (id, trace_id, start, "end", behaviour, verdict, annotator, at, text_hash, target, note)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const remove = db.prepare('DELETE FROM annotations WHERE id = ?')
  const labelled = db
    .prepare<[], number>('SELECT DISTINCT trace_id FROM annotations ORDER BY trace_id')
    .pluck()
  const people = db.prepare<[], LabelledBy>(
    `SELECT trace_id AS traceId, annotator, count(*) AS labels FROM annotations
     GROUP BY trace_id, annotator ORDER BY trace_id`,
  )
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM annotations')
  const same = db.prepare<[number, number, number, string, string, string, string, string], Raw>(`
    SELECT * FROM annotations WHERE trace_id = ? AND start = ? AND "end" = ? AND behaviour = ? AND verdict = ?
      AND annotator = ? AND coalesce(target, '') = ? AND note = ?`)

  const otherwise = db.prepare<[number, number, number, string, string, string], Raw>(`
    SELECT * FROM annotations WHERE trace_id = ? AND start = ? AND "end" = ? AND behaviour = ? AND annotator = ?
      AND verdict <> ?`)

  const twinOf = (one: Omit<Annotation, 'id'>): Raw | undefined => {
    const { traceId, start, end, behaviour, verdict, annotator, target, note } = one
    const stored = target === null ? '' : JSON.stringify(target)
    return same.get(traceId, start, end, behaviour, verdict, annotator, stored, note)
  }

  const contrary = (one: Omit<Annotation, 'id'>): Annotation[] =>
    otherwise
      .all(one.traceId, one.start, one.end, one.behaviour, one.annotator, one.verdict)
      .map(toAnnotation)

  return {
    ofTrace: (traceId: number): Annotation[] => ofTrace.all(traceId).map(toAnnotation),
    /** Traces that have any, in id order. */
    labelledTraces: (): number[] => labelled.all(),
    /** Who has labelled which traces, trace by trace. */
    labelledBy: (): LabelledBy[] => people.all(),
    count: (): number => count.get()!.n,
    /** Adds an annotation; the very same one a second time is the first one again. */
    add(annotation: Omit<Annotation, 'id'>): { annotation: Annotation; added: boolean } {
      const target = annotation.target === null ? null : JSON.stringify(annotation.target)
      const { traceId, start, end, behaviour, verdict, annotator, at, textHash, note } = annotation
      const { changes, lastInsertRowid } = add.run(
        traceId,
        start,
        end,
        behaviour,
        verdict,
        annotator,
        at,
        textHash,
        target,
        note,
      )
      const raw = changes > 0 ? byId.get(lastInsertRowid)! : twinOf(annotation)!
      return { annotation: toAnnotation(raw), added: changes > 0 }
    },
    get: (id: number): Annotation | null => {
      const raw = byId.get(id)
      return raw === undefined ? null : toAnnotation(raw)
    },
    /** Another annotation that says the very same, or null. */
    twin(annotation: Annotation): Annotation | null {
      const raw = twinOf(annotation)
      return raw === undefined || raw.id === annotation.id ? null : toAnnotation(raw)
    },
    /**
     * Puts an annotation back, or into its new state, under its own id. It takes the place of one that
     * says the very same, as an import may have added meanwhile.
     */
    put(annotation: Annotation): void {
      const { id, traceId, start, end, behaviour, verdict, annotator, at, textHash, target, note } =
        annotation
      remove.run(id)
      const twin = twinOf(annotation)
      if (twin !== undefined) remove.run(twin.id)
      const stored = target === null ? null : JSON.stringify(target)
      addAs.run(id, traceId, start, end, behaviour, verdict, annotator, at, textHash, stored, note)
    },
    /** What the same person says otherwise of the same span and behaviour. */
    contrary,
    /**
     * Lets what was said last count: removes what contradicts these, of which a later one goes before an earlier one.
     * Answers what it has removed.
     * @param ids in the order in which they were said; those that are gone say nothing
     */
    settle: (ids: readonly number[]): Annotation[] =>
      ids.toReversed().flatMap((id) => {
        const raw = byId.get(id)
        const gone = raw === undefined ? [] : contrary(toAnnotation(raw))
        for (const one of gone) remove.run(one.id)
        return gone
      }),
    remove: (id: number): Annotation | null => {
      const raw = byId.get(id)
      if (raw === undefined) return null
      remove.run(id)
      return toAnnotation(raw)
    },
  }
}
