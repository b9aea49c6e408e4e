/** What a command of `keys` has to say. */
export type KeysAnswer =
  | { kind: 'done'; text: string; json: object }
  /** It could not be done, with nothing changed; a sentence for the operator. */
  | { kind: 'refused'; sentence: string };
