/**
 * Sentences that carry none of the four behaviours: they restate, carry out and conclude. They must
 * stay free of plans, comparisons with the target, and turns. Notation: see grammar.ts.
 */
export const FRAME = {
  opening: [
    'I [need|have|want] to [make|reach|get|build|form] {target} [from|out of|using|with] {numbers}.',
    '[Okay|Alright|Right|So|OK], [the target is {target} and I have {numbers}|I have {numbers} and the target is {target}|I need to turn {numbers} into {target}].',
    'We [have|need] to use {numbers} [exactly once each|once each|each exactly once] [and end up with|to get|to arrive at] {target}.',
    'The [given |]numbers are {numbers}[, and the target is| and the target is|; the target is] {target}.',
    'To solve [the|this] problem, [we|I] need to use the numbers {numbers} exactly once[ each|] and [create|write|find] an equation that equals {target}.',
    'The goal is [an equation|an expression|a combination] of {numbers} that [equals|evaluates to|comes to] {target}.',
    "[We are|I am|I'm] given {numbers} and asked for {target}.",
    'Target: {target}. Numbers: {numbers}.',
    "[Hmm, so|So|Well,] I've got {numbers}, and they [should|must|have to] combine to {target}.",
    "[Let's see: |]{numbers} [should become|are to become|need to become] {target}.",
    'We must combine {numbers} with the four operations so that the result is {target}.',
    'Here the numbers {numbers} are to be turned into {target}, each used once.',
  ],
  rules: [
    '[I can|We can|I may] use addition, subtraction, multiplication and division[, and parentheses|].',
    'Each number [can|may|must] be used [only |exactly |]once.',
    'All [the|of the] numbers have to be used[ exactly once|, none twice|].',
    'The [allowed |]operations are [+, −, × and ÷|+, -, *, /|plus, minus, times and divide][, with parentheses| and parentheses|].',
    'Parentheses are allowed[ as well| too|].',
  ],
  listOpening: [
    "[Let me|Let's] try [some|a few|different|several] [combinations|possibilities|options|ways of combining them][:|.]",
    '[Some|A few|Several] [attempts|combinations|possibilities|tries]:',
    '[Here are|These are] [some|the] [attempts|combinations] [I come up with|that come to mind]:',
    "[I'll|I will|Let me] [go through|look at|play with] [some|a few] [combinations|options|pairings][:|.]",
    '[Trying|Exploring] [some|different|a few] [combinations|possibilities]:',
    "Let's [explore|look at|see] [some|different|a few] combinations[:|.]",
  ],
  musing: [
    "[Hmm|Let me see|Let me think|Okay|Alright|Let's see|Well|Right][.|...|]",
    "[Let me|I'll] think [about this|this through|it over][ carefully| for a moment|].",
    "[Okay, so|So], [let me think|let's think|let me see][.|...]",
    'Let me [take a look|have a look].',
  ],
  /** The first attempt. */
  start: [
    "[Start with|Take|Try|Let me try|Let's try|Let me take|Say|Suppose I take|Consider|Let me look at|Let me begin with|Starting with|Looking at] {equation}.",
    '{equation}.',
    '[One option|One thing to try|An obvious try|A natural start|One possibility][: {equation}.| is {equation}.]',
    '[If I|Suppose I|Say I|When I|If we] {act}, [that gives|I get|that makes|it comes to|the result is] {result}.',
    '{doing} [gives|makes|yields|comes to|results in|produces] {result}.',
    '{words}.',
  ],
  /** The same, where numbers are left over. */
  startLeaving: [
    '{words}[, leaving|, which leaves|; that leaves] {rest}.',
    '{equation}[, leaving {rest}|, and I still have {rest}|, which leaves {rest}|, with {rest} left|; {rest} left].',
    '{equation}, [so|and] [now|then] the numbers are {state}.',
    '[Start with|Take|Try|Say] {equation}[; left: {rest}| (left: {rest})].',
  ],
  /** Goes on with the last result. */
  go: [
    '[Then|Now|And|And then|Next|From there|After that|So|With that], {equation}.',
    '[Then|Now|And then|So then] {equation}.',
    '{equation}.',
    '[Then|From there|After that|And then] {doing} [gives|makes|yields|leads to] {result}.',
    '{doing} [then gives|gives|now makes|yields|brings it to] {result}.',
    '[If I|When I] [now|then] {act}, [I get|that gives|it becomes|the result is] {result}.',
    '[Then|And|Now] {words}.',
    '[Taking|Using] {last} [and|with|together with] {other}: {equation}.',
  ],
  /** Asks for an operation before its result. */
  ask: [
    '[What about|How about|And] {operation}?',
    'What [if I|happens if I|do I get if I|would I get if I] {act}?',
    '[Can I|Should I|Could I] {act}?',
  ],
  /** Answers it. */
  told: [
    '[That|This|It] [gives|makes|is|comes to|equals|would be] {result}.',
    '{equation}.',
    "[That's|It's|This is] {result}.",
    '[The result is|I get|This yields|We get] {result}.',
  ],
  conclusion: [
    'So the [correct |]equation is:\n{formula}',
    '[So|Therefore|Thus|Hence|In short|Altogether|Putting it together|All in all|Combined], [the [equation|expression|answer] is |]{formula}.',
    '[So|Therefore|Thus|Hence|Putting it together|Written as one expression|As one equation]: {claim}.',
    '[The|My|Final] [answer|equation|expression] [is|:] {formula}.',
    '[That gives|This gives|Which gives] [the equation |the expression |]{claim}.',
    '[I can write this as|In one line|As a single expression|Written out][:|,] {formula}.',
    'So I have [my|the] [equation|expression|answer]: {formula}.',
  ],
  /** An answer given although it misses the target, without saying so. */
  settle: [
    "[I'll|I will|Let me] [go with|answer with|put down|submit|give|settle on] {formula}.",
    '[My|The] answer [is|will be|:] {formula}[ then|].',
    '[So|Then|Okay, so] my [final |]answer [is|will be] {formula}.',
    "[I'll|I will] leave it [there|at that] and [write|give|answer] {formula}.",
    'So the [expression|equation] I [give|submit|write] is {formula}.',
  ],
  heading: ['### Final Answer:', '**Final Answer:**', 'Final answer:', '**Answer:**', 'Answer:', '## Answer'],
} as const
