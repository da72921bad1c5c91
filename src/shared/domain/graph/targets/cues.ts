/**
 * What a step's wording announces, one bit each. The order is part of the trained weights: changing it, or
 * any expression, means raising `TARGETS_VERSION` and training again.
 */
const CUES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['wait', /^\W*(?:(?:but|hmm|oh|no|ah|ok|okay|actually|or)\b\W*)*(?:wait|hold on)\b/],
  ['alternatively', /^\W*(?:(?:but|hmm|or|wait|so)\b\W*)*(?:alternatively|instead)\b/],
  [
    'another',
    /\banother (?:\w+ )?(?:idea|approach|angle|way|thought|possib\w+|option|method|attempt|one|try|combination|example)\b|^\W*(?:wait\W+)?another\b|\bdifferent(?:ly| approach| way| angle| method| perspective| idea)\b|\bother (?:possib\w+|ways|approach\w*|options)\b/,
  ],
  [
    'refutes',
    /\b(?:not|doesn't|does not|isn't|don't|can't|cannot|won't|wouldn't|fails?|impossible|contradict\w*|nope|unlikely)\b|\btoo (?:low|high|big|small|large|vague|long|much|far|specific|broad)\b|[✗❌✘≠]/,
  ],
  ['no', /^\W*(?:(?:wait|but|hmm|so|oh|and)\b\W*)*no\b/],
  [
    'restart',
    /\bstart (?:over|again|fresh|from)\b|\bfrom scratch\b|\bin circles\b|\bstuck\b|\boverc?o?m?plicat\w*|\boverthink\w*|\b(?:think|try|look|go|start|approach\w*|consider|process|break)\b[^.]{0,24}\b(?:again|differently|over)\b|\bback to\b|\bre-?(?:read|think|consider|examine|visit|evaluate|assess)\w*|\bstep back\b/,
  ],
  [
    'problem',
    /\b(?:the|this|original) (?:problem|question|riddle|puzzle|prompt|analogy|task|sequence|statement|condition)\b|\bgiven (?:that|numbers|the)\b|\b(?:asks?|asking|asked)\b/,
  ],
  [
    'maybe',
    /^\W*(?:(?:wait|but|hmm|so|or|alternatively|another \w+|and)\b\W*)*(?:maybe|perhaps|could|what if|possibly|might)\b/,
  ],
  ['check', /\bcheck\w*|\bverif\w*|\bconfirm\w*|\bmake sure\b|\bensure\b|\bdouble\b|\btest\b|\bvalidate\b/],
  [
    'again',
    /\bagain\b|\bas (?:before|earlier|above)\b|\bearlier\b|\bprevious\w*|\balready\b|\bsame as\b|\bbefore\b/,
  ],
  [
    'mistake',
    /\bmistake\w*|\berrors?\b|\bwrong\w*|\bincorrect\w*|\bmis(?:calcul|read|under|count|interp|tak)\w*|\bmissing\b|\bmissed\b/,
  ],
  [
    'holds',
    /^\W*(?:yes|yeah|yep|good|great|perfect|right|ok)\b|\bcorrect\b|\bworks?\b|\bmatch\w*|\bholds?\b|\bmakes? sense\b|\bconsistent\b|\bfits?\b|[✅✓✔]/,
  ],
  ['question', /\?\W*$/],
  ['colon', /:\W*$/],
  ['equation', /\d[^=\n]{0,40}[=≈][^=]|[=≈]\W*-?\d/],
  [
    'concludes',
    /^\W*(?:so|thus|therefore|hence|then|that means|which means)\b|\banswer\b|\bboxed\b|\bfinal\b|\bconclu\w*/,
  ],
  ['supposes', /\b(?:let's|let us|let me|suppose|assume|try|consider|what if|how about|say)\b/],
  ['item', /^(?:\W*(?:case|option|step|method|approach|part)\b|\(?\d{1,2}[.)]\s|[-*•]\s|#)/],
  ['but', /^\W*(?:but|however|though|although|yet|except|unless)\b/],
  ['hesitates', /^\W*(?:hmm|actually|i think|i'm not|not sure|i wonder)\b/],
  ['verdict', /→|=>|⇒|⟶|\bnot \d|\btoo \w+\W*$/],
  ['try', /^\W*(?:now |next |let's |let me |so )?(?:try|trying)\b/],
  ['orders', /^\W*(?:first|second|third|next|then|now|finally|lastly|moving on|similarly|also|and)\b/],
  ['needs', /\bneeds?\b|\bmust\b|\bhave to\b|\bgoal\b|\btarget\b|\bwant\b|\brequire\w*/],
  [
    'lets',
    /^\W*(?:(?:so|wait|hmm|ok|okay|but|alright)\b\W*)*(?:let's|let me|let us|i'll|i will|i should|i can|we can)\b/,
  ],
  ['example', /\bfor (?:example|instance)\b|\blike\b|\bsuch as\b|\be\.g\b/],
  ['recalls', /\bremember\w*|\brecall\w*|\bi know\b|\bknown\b|\bheard\b|\bthink (?:about|of)\b/],
]

/** Bits a step can show. */
export const CUE_COUNT = CUES.length

/** Position of a cue's bit. @throws RangeError for a name that is none */
export function cueBit(name: string): number {
  const bit = CUES.findIndex(([own]) => own === name)
  if (bit < 0) throw new RangeError(`no cue is called ${name}`)
  return bit
}

/** Longer steps are read at their beginning and end only: cues stand at the edges of a step. */
const EDGE = 400

/** The cues of a step's text as a bit set. */
export function readCues(step: string): number {
  const edges = step.length <= 2 * EDGE ? step : `${step.slice(0, EDGE)} ${step.slice(-EDGE)}`
  const text = edges.toLowerCase().replaceAll('’', "'")
  let cues = 0
  for (let bit = 0; bit < CUES.length; bit++) if (CUES[bit]![1].test(text)) cues |= 1 << bit
  return cues
}

/** The bit set of several cues. */
export function cueMask(...names: readonly string[]): number {
  return names.reduce((mask, name) => mask | (1 << cueBit(name)), 0)
}
