/** What can stand in one place of a command line. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  /** Something that only its author knows, such as a port. */
  | { readonly kind: 'nothing' };

/** An option, as it is typed. */
export interface OfferedOption {
  /** Such as `--port`. */
  readonly flag: string;
  readonly description: string;
  /** `null`: it takes no value. */
  readonly value: Offer | null;
}

/** A command, as it is typed. */
export interface OfferedCommand {
  /** Such as `orca images show`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OfferedOption[];
  /** Of each of its arguments alike. */
  readonly argument: Offer;
  readonly children: readonly OfferedCommand[];
}

/** A command and all below it, itself first. */
export function withChildren(command: OfferedCommand): OfferedCommand[] {
  return [command, ...command.children.flatMap(withChildren)];
}
