/** Everything the featurizer needs besides the text; stored in a model's manifest. */
export interface FeatureConfig {
  /** Version of the extraction rules. A model runs only with the version it was trained with. */
  version: number
  /** Hash slots are `2 ** bits`. */
  bits: number
  /** Longest sequence of tokens hashed together. */
  wordNgrams: number
  /** Dense features per step; must equal `DENSE_FEATURES.length`. */
  dense: number
  /** Features kept per step; what comes after them in a very long step is dropped. */
  maxFeatures: number
  /**
   * Base64 of one bit per slot (slot s is bit s % 8 of byte s / 8): the slots the model knows. Index of
   * a slot is one plus the number of set bits before it. Null keeps every slot: index is slot plus one.
   */
  vocabulary: string | null
}

/** Version of the rules in this folder. Any change that alters an output must raise it. */
export const FEATURE_VERSION = 1

/** Names of the dense features, in order. The first is 1 for every step and 0 for padding. */
export const DENSE_FEATURES = [
  'step',
  'log_position',
  'relative_position',
  'log_remaining',
  'log_length',
  'log_tokens',
  'log_numbers',
  'numbers_seen',
  'has_target',
  'result_is_target',
  'result_not_target',
  'arithmetic_right',
  'arithmetic_wrong',
  'expression_repeated',
  'expression_rearranged',
  'expression_new',
  'expression_uses_last_result',
  'expression_uses_all_given',
  'result_seen',
  'result_repeats_last',
  'words_from_previous',
  'words_new',
  'pairs_new',
  'words_from_opening',
  'step_repeated',
  'shape_repeated',
  'log_repeat_distance',
  'after_paragraph',
  'after_newline',
  'ends_question',
  'ends_colon',
  'ends_open',
  'starts_list',
  'starts_equals',
  'no_words',
  'after_answer',
] as const

/** Position of each dense feature in a step's row. */
export const AT = Object.fromEntries(DENSE_FEATURES.map((name, at) => [name, at])) as Readonly<
  Record<(typeof DENSE_FEATURES)[number], number>
>

/** A step's features as the model takes them; see `createFeaturizer`. */
export interface StepFeatures {
  /** Number of steps. */
  steps: number
  /** Indices of the features that are present, step after step; each from 1 to the table's size. */
  indices: Int32Array
  /** Weight of each of them. */
  values: Float32Array
  /** Features of step i are `[offsets[i], offsets[i + 1])`; steps + 1 entries. */
  offsets: Int32Array
  /** steps × `config.dense`, row-major. */
  dense: Float32Array
}
