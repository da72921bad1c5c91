/**
 * Sentences of the four behaviours, each of its kind alone: a verification makes no turn, a turn does
 * not compare with the target, a subgoal gives no reason from the goal. Notation: see grammar.ts.
 */
export const BACKTRACKING = {
  /** Gives an attempt up. */
  drop: [
    '[Scrap|Drop|Forget|Forget about|Abandon|Leave|Never mind] [that|this one|this line|that attempt|that idea|this branch].',
    "[I'll|I will|Let me] [drop|leave|abandon|set aside|give up on|discard] [that|this line|this idea|this branch|that attempt|this approach].",
    "[Okay|Hmm|Alright|Well], [dead end|not that way|that's a dead end|that line is a dead end|not this one|that leads nowhere].",
    "[That|This] [leads nowhere|is a dead end|goes nowhere|is not the way|isn't the way][.|, so I drop it.|; I drop it.]",
    "[No|Nope|No, no], [not that|not like that|another way|that's not it].",
    '[Setting|Putting|Leaving] [that|this line|this idea] aside.',
    'Wait, no[.|, not that.|, let me undo that.]',
  ],
  /** The same, where judging is allowed too. */
  fail: [
    "[That|This|It] [doesn't|does not|won't] work[ out|][.| either.| after all.]",
    "[That|This] [isn't|is not] [going to work|working][.|, so something else.]",
    "[So|Okay, so] [that|this] [fails|is no good|doesn't work].",
  ],
  /** Opens a new attempt that follows on the next lines. */
  marker: [
    '[Try|Now try|Try again|Next try|Another try|Another attempt|Try another|Next attempt|New attempt|Try this|Another one|Try instead][:|:|:]',
    "[Let me|Let's] try [something else|another combination|a different combination|another way|a different way|something different|a different order|another route|again][.|:|.]",
    '[Maybe|Perhaps|Alternatively,|Instead,] [a different|another] [approach|combination|order|pairing|way][:|.|?]',
    '[Alternatively|Another way|Another approach|A different approach|Different approach|Another idea|Another option]:',
    "[I'll|I will|Let me] [start over|start again|begin again|go back to the start|go back to the beginning][.|.| with another pair.]",
  ],
  /** Opens a new attempt from the given numbers. */
  anew: [
    "[What about|How about|Maybe|Perhaps|Instead,|Alternatively,|Let me try|Let's try|Now try|Try|Or|Next try|Let me instead try|I could try|Or maybe] {equation}[.|.| instead.]",
    '[What if I|Suppose instead I|Alternatively, I could|Instead I could|Maybe I should|Let me instead|Let me] {act}[: {result}.| instead: {result}.|, giving {result}.|, which makes {result}.]',
    '[Starting over|Starting again|From the start|Back at the start|Going back to the original numbers|Back to the original numbers|Beginning again][:|,] {equation}.',
    '[Another|A different] [idea|option|pairing|combination|start|possibility][: {equation}.| would be {equation}.| is {equation}.]',
    "[Wait|Hmm|Okay|Hold on|Actually|Alright|Well], [what about|maybe|how about|let me try|let's try|try] {equation}[.|.| instead.]",
    '[Alternatively|Instead|Otherwise], {doing} [gives|makes|yields] {result}.',
    '[Changing|Switching] [course|direction|tack]: {equation}.',
  ],
  /** Returns to an earlier result. */
  back: [
    '[Back to|Going back to|Returning to|Let me go back to|Let me return to|Go back to|I go back to] {from}[:|, and this time|;|, then] {equation}.',
    '[Keep|Keeping|Still with|Staying with|With] {from}[, but now|, this time|, but|, now][ try|:|] {equation}.',
    "[Undoing|Taking back|Reversing] [that|the last step|that step|the last operation], [I am at|we are at|I'm back at] {from}[: {equation}.|, and {equation}.|; now {equation}.]",
    '[From|With] {from} [again|once more|once again|instead][,|:] {equation}.',
    '[What about|How about|Or|Maybe|Alternatively,|Instead,] {equation}[, back at {from}.|, from {from}.|, starting from {from} again.]',
  ],
  /** Another combination of the same numbers, towards the same value. */
  swap: [
    "[What about|How about|Maybe|Perhaps|Instead,|Alternatively,|Let me try|Let's try|Now try|Try|Or|Or maybe] {equation}[.|.| instead.]",
    '[What if I|Suppose instead I|Instead I could|Let me instead] {act}[: {result}.| instead: {result}.|, giving {result}.|, which makes {result}.]',
    '[With|Using|From] the same [numbers|two|pair][,|:] {equation}.',
    '[Alternatively|Instead|Otherwise], {doing} [gives|makes|yields] {result}.',
    '[The other way|Another way to join them|Joined differently]: {equation}.',
  ],
  /** Leaves a requirement for another; the new one follows. */
  rethink: [
    '[Another|A different|Some other] [last step|final step|ending|way to finish|approach], then.',
    "[Let me|Let's|I'll] [try|think of|look for|consider] [another|a different] [ending|last step|way in|split].",
    '[Alternatively|Instead|Another option|Otherwise|A different approach][.|:]',
  ],
  /** Joined before a sentence in lower case. */
  instead: [
    'Instead,',
    'Alternatively,',
    'Or',
    'Otherwise,',
    'Hmm, instead,',
    'Wait, instead,',
    'Then again,',
    'Okay, alternatively,',
    'Dropping that,',
    'Leaving that,',
  ],
} as const

export const VERIFICATION = {
  /** After a result, in the same sentence. */
  missed: {
    high: [
      'too high',
      'too big',
      'too large',
      'above {goal}',
      '{gap} too many',
      'not {goal}',
      '{gap} over',
      'overshoots {goal}',
      'still too high',
      'no',
    ],
    low: [
      'too low',
      'too small',
      'below {goal}',
      '{gap} short',
      'not {goal}',
      'short of {goal}',
      'still too low',
      'not enough',
      'no',
    ],
    near: [
      'close',
      'close, but not {goal}',
      'only {gap} off',
      'close, but {gap} off',
      'so close',
      'almost, but not {goal}',
    ],
  },
  missedSentence: {
    high: [
      "[That's|That is|It's|This is] [too|far too|way too|a bit too|still too] [high|big|large][.|.|, since it should be {goal}.]",
      "[Not {goal}|Too high|Too big|That overshoots {goal}|That's above {goal}|That is {gap} over].",
      '{value} is [not|more than|larger than|above] {goal}.',
      "[No|Nope|Hmm|Nope,] [that is|that's] {gap} too [many|much].",
      'But {goal} is [less than that|smaller].',
    ],
    low: [
      "[That's|That is|It's|This is] [too|far too|way too|a bit too|still too] [low|small][.|.|, since it should be {goal}.]",
      "[Not {goal}|Too low|Too small|That falls short of {goal}|That's below {goal}|That is {gap} short].",
      '{value} is [not|less than|smaller than|below] {goal}.',
      "[No|Nope|Hmm|Nope,] [that is|that's] {gap} [short|too few].",
      'But {goal} is [more than that|larger|bigger].',
    ],
    near: [
      '[Close|So close|Almost], but [not {goal}|{gap} off|it misses by {gap}].',
      '[That|This] is only {gap} [off|away from {goal}].',
      '{value} is close[ to {goal}|], but not [{goal}|equal|the same].',
    ],
  },
  hit: [
    'exactly {goal}',
    'as required',
    'as needed',
    'that works',
    'yes',
    'just right',
    'a match',
    'it works',
    'that is it',
  ],
  hitSentence: [
    '[That|This|It|And that|Yes, that|Great, that|Perfect, that|Good, that] [works|matches|is exactly {goal}|is it|hits {goal}|equals {goal}|is right][.|!]',
    "[That's|This is|And it is] [exactly |]{goal}[.|!|, as required.|, as wanted.]",
    '{value} is [exactly |]what [I|we] need[ed|].',
  ],
  announce: [
    "[Check|Let me check|Let me verify|Let me double-check|Verify|Quick check|Double-check|Checking|Let's verify|Let's check|Verification|To be sure, recompute][:|:|:]",
    "[Let me|Let's|I'll] [verify|double-check|check] [this|that|the result|the arithmetic|it][ once more| step by step| before answering|][:|.]",
    'Is that right?',
    'Does [this|that] really [work|give {target}]?',
  ],
  part: ['{equation}', '{equation}', '{words}', '{result} from {operation}'],
  good: [
    '[Correct|Right|Good|It checks out|That checks out|Everything checks out|The result is right|Confirmed|Yes, that is right][.|!]',
    '[It|This] [matches|equals] {target}, [so the equation is correct|so it is right|as required].',
    "[Yes|Good|Great], [it works|it is {target}|that's correct].",
  ],
  used: [
    '[All {count} numbers are|Each of the {count} numbers is] used [exactly |]once[.|, too.| as well.| ✓]',
    '[The numbers used are|It uses|Used:] {numbers}[, each once.|: all of them, once each.|: each exactly once.]',
    'No number is [missing or repeated|left over and none is repeated].',
  ],
  /** Without a word about the target: for an equation that misses it. */
  recount: [
    'Every operation [is computed correctly|holds up].',
    '[The arithmetic|The calculation] [checks out|is right|holds].',
  ],
} as const

export const SUBGOAL_SETTING = {
  /** An intermediate value to be made from some of the numbers. */
  make: [
    "[First|To begin|For a start|As a first step|To start], [I want to|I'll|let me|I will|let's] [make|get|build|reach|form] {goal} [from|out of|using|with] {others}.",
    '[First|Step one|Step 1|First goal|First part|Subgoal|Intermediate goal|Next subgoal][:|:] [make|get|build|reach|form] {goal} [from|out of|using|with] {others}.',
    '[My|The] [first|next|immediate|intermediate] [goal|aim|target|subgoal|objective] is {goal}[ from {others}|, made from {others}|, using {others}].',
    '[The plan|Plan|My plan|One plan][ is to|: ] [make|get|build|form] {goal} [from|out of|with] {others}[, then bring in {kept}| and keep {kept} for the end|, and use {kept} afterwards].',
    "[Let me|Let's|I'll|I want to] [aim for|work towards|go for|try to reach|head for|try to make] {goal} first[, with {kept} set aside|, using {others}|, leaving {kept} for later|].",
    "[I'll|I will|Let me] set {kept} aside and [make|get|build|look for|work on] {goal} [from|with|out of] {others}.",
    'Break it into two parts: {goal} from {others}, then {kept}.',
  ],
  /** A plan for the whole search. */
  plan: [
    "[First|To start|As a first step], [I'll|I will|let me|let's] [combine|pair up|put together] two of the numbers[ and then work {rest} in| and see what can be done with the rest|, then bring in the rest].",
    '[The plan|Plan|My plan][ is to|:] [combine|pair] two numbers, then [bring in|fold in|use] [what is left|the remaining ones|the rest].',
    "[I'll|I will|Let me|Let's] [start|begin] by [combining|working with|looking at] the [larger|smaller|two largest|two smallest|biggest] numbers[ and deal with the rest afterwards|, then add in the others|].",
    'Break [it|this|the problem] [down|into steps|into parts]: one pair first, the remaining numbers after that.',
    '[Step 1|Step one|First step]: [combine|reduce] two of the numbers into one.',
    "[I'll|I will|Let me] work in stages: [one pair|two numbers] first, the others after.",
  ],
  /** What comes next in an attempt. */
  next: [
    '[Next|Now|The next step is|Next step|What remains is]: [combine|bring together|work] {last} with {rest}.',
    '[Next|Now|Then], [I have to|I need to|I should|let me|I want to] [bring in|work in|use up|fold in] {rest}.',
    '[The next task|The remaining task|What remains] is to [bring in|work in|use up] {rest}.',
  ],
} as const

export const BACKWARD_CHAINING = {
  require: [
    "{inverse}, so [I need|I'd need|we need|it takes|I would need|it would take] {need} from {others}.",
    '{inverse}, [so|which means] {others} [would have to|must|have to|need to|should] [make|give|come to|produce] {need}.',
    '[Working|Going|Thinking|Reasoning] back[wards|] from {goal}: {inverse}, so {others} [must|have to|would have to|need to] [make|give|come to] {need}.',
    'If {lastStep} [is the last step|comes last|is the final operation|is done last], [then |]{others} [must|have to|would have to|need to] [make|give|come to|produce] {need}.',
    "To [end at|reach|get to|get|arrive at|finish on] {goal} by {lastStep}, [I need|I'd need|I must have|I would need|it takes] {need} [first|beforehand|before that|from {others}].",
    'For {shape} to [be|equal|come out as|give] {goal}, x [has to|must|would have to|needs to] be {need}[, made from {others}|].',
    'Suppose the [last|final] step is {lastStep}[: then|, then|; then] {need} is needed [before it|from {others}|beforehand].',
    '{goal} [can come from|could be|would follow from|would come from] {lastStep} [once|if|provided] {others} [make|give|come to] {need}.',
    '[The value to hit|What I have to make|The number to reach] is {goal}; undoing {lastStep} [leaves|requires|asks for] {need} from {others}.',
    '[Since|Because] {inverse}, what I need from {others} is {need}.',
  ],
  /** What the last operation of an attempt would have to bring. */
  gap: {
    add: [
      "[To get|To go] from {have} to {goal} [I need|I'd need|we need|it takes] another {need}.",
      "[We need|I need|I'd need|That needs] {need} more to [reach|get to|arrive at] {goal}.",
      "{difference}, so [I need|I'd need|we need|the rest must give] {need}.",
      'To [reach|get|hit] {goal} from {have}, {need} [must|has to|would have to] be added.',
    ],
    take: [
      "[To get|To go] from {have} [down to|to] {goal} [I need|I'd need|we need|I would have] to [lose|take away|remove|subtract] {need}.",
      '{difference}, so [I need to subtract {need}|I would have to take away {need}|{need} has to come off].',
      'To [reach|get|hit] {goal} from {have}, {need} [must|has to|would have to] come off.',
    ],
    times: [
      "{goal} is {need} times {have}, so [I need|I'd need|we need] a factor of {need}.",
      'To [reach|get] {goal} from {have} I [would have to|need to|must] multiply by {need}.',
    ],
    divide: [
      "{have} divided by {need} is {goal}, so [I need|I'd need|we need] {need} as a divisor.",
      'To [reach|get] {goal} from {have} I [would have to|need to|must] divide by {need}.',
    ],
  },
  /** A requirement that what is left cannot meet; these are checks. */
  unmet: [
    '[But |]{other} is not {need}.',
    '[But |The number left is |What I have is |I only have |All I have is ]{other}, not {need}.',
    "{other} [doesn't|does not] [give|provide] {need}.",
  ],
} as const
