"""Other readings of the labels, which people who annotate differently might share: labels of a trace to labels of a trace."""

import re

import numpy as np

from data import SIX

V, B, S, C = range(4)

ANNOUNCES = re.compile(r"\b(check\w*|verif\w+|confirm\w*|make sure|ensure|double.?check\w*|plug\w* (it |this |that |them )?(back|in)|substitut\w+ back|validate\w*|test (this|that|it)|is (that|this|it) (right|correct))\b", re.I)
VERDICT = re.compile(r"(✅|❌|→|\b(correct|works?|match\w*|holds?|right|wrong|consistent|valid|not (equal )?\d+|too (high|low|big|small|large)|close|makes sense|satisf\w+|doesn'?t|does not)\b)", re.I)
HESITATES = re.compile(r"^\W*(wait|hmm+|hm|but wait|hold on|is that|am i|maybe i|let me think|not sure|i'?m not)\b|\b(not (entirely |so |quite )?sure|i wonder|confus\w+|not certain)\b", re.I)
RETRACTS = re.compile(r"\b(wrong|mistake\w*|incorrect|error|doesn'?t work|does not work|didn'?t work|not work\w*|scratch that|no,|not right|can'?t be|won'?t work|go(ing)? back|start over|dead end)\b", re.I)
SWITCHES = re.compile(r"^\W*(alternatively|another|instead|or maybe|maybe (i|we)|perhaps|let'?s try|let me try|try|what if|how about|wait)\b", re.I)
PLANS = re.compile(r"\b(first|next|then|step \d|break (it|this|down)|strategy|plan|approach|goal|start by|begin by|focus on)\b", re.I)
INTENDS = re.compile(r"\b(let me|let'?s|i('| wi)ll|i need to|we need to|i should|we should|i have to|going to)\b", re.I)
REQUIRES = re.compile(r"\b(to (get|make|have|reach|obtain)|need(s|ed)?|must|require\w*|so that|in order|should be|has to|have to)\b", re.I)


def texts_of(trace):
    return [trace.text[start:end] for start, end in trace.ranges]


def found(pattern, trace):
    return np.array([bool(pattern.search(text)) for text in texts_of(trace)])


def first_of_runs(shown):
    return shown & ~np.r_[False, shown[:-1]]


def last_of_runs(shown):
    return shown & ~np.r_[shown[1:], False]


def without_gaps(shown, longest):
    """Fills gaps of at most so many steps between two that show it."""
    at = np.flatnonzero(shown)
    out = shown.copy()
    for left, right in zip(at[:-1], at[1:]):
        if right - left - 1 <= longest:
            out[left:right] = True
    return out


def changed(**columns):
    """A reading that changes some behaviours: each a function of the trace and the given labels of the behaviour."""

    def apply(trace):
        labels = trace.labels.copy()
        for name, change in columns.items():
            column = "VBSC".index(name)
            labels[:, column] = change(trace, trace.labels[:, column] > 0)
        return labels

    return apply


def as_given(trace):
    return trace.labels


explicit = changed(
    V=lambda t, y: y & found(ANNOUNCES, t),
    B=lambda t, y: y & found(RETRACTS, t),
    S=lambda t, y: y & found(PLANS, t),
    C=lambda t, y: y & found(REQUIRES, t),
)
beginnings = changed(**{name: lambda t, y: first_of_runs(y) for name in "VBSC"})
endings = changed(**{name: lambda t, y: last_of_runs(y) for name in "VBSC"})
verdicts = changed(V=lambda t, y: y & found(VERDICT, t))
carried_out = changed(V=lambda t, y: y & ~found(ANNOUNCES, t))
whole = changed(
    V=lambda t, y: without_gaps(y, 3),
    B=lambda t, y: y | np.r_[False, y[:-1]],
    S=lambda t, y: without_gaps(y, 2),
    C=lambda t, y: without_gaps(y, 3),
)
hesitating = changed(V=lambda t, y: y | found(HESITATES, t), B=lambda t, y: y | found(SWITCHES, t))
doubting = changed(B=lambda t, y: y | (found(HESITATES, t) & found(SWITCHES, t)) | found(RETRACTS, t))
planning = changed(S=lambda t, y: y | found(INTENDS, t), C=lambda t, y: y | found(REQUIRES, t))
switching = changed(B=lambda t, y: y & found(SWITCHES, t))
corrected = changed(B=lambda t, y: y & ~found(SWITCHES, t))


def six_labels(trace):
    """GPT-4o's six labels as three behaviours: testing is verification, initializing subgoal setting."""
    labels = np.full((len(trace.weak), 4), np.nan, np.float32)
    known = trace.weak >= 0
    for column, name in ((V, "example-testing"), (B, "backtracking"), (S, "initializing")):
        labels[known, column] = trace.weak[known] == SIX.index(name)
    return labels


def six_labels_doubting(trace):
    """The same, with estimations of uncertainty as verification."""
    labels = six_labels(trace)
    labels[trace.weak == SIX.index("uncertainty-estimation"), V] = 1
    return labels
