import { type Offer, type OfferedCommand, withChildren } from './offer.ts';

/**
 * A script for bash: one function, which finds out which command is being typed and asks `compgen` for what fits. It
 * needs no other package, and calls nothing.
 */
export function renderBash(program: OfferedCommand): string {
  const commands = withChildren(program);
  return `# Completion of orca for bash. Made by "orca completion bash".
_orca_files() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "$2")
}

_orca_words() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$2")
}

_orca() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=${program.name} index
  COMPREPLY=()
  # "--option=value" comes in three words.
  if [[ $current == = ]]; then current=
  elif [[ $previous == = && COMP_CWORD -gt 1 ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$command \${COMP_WORDS[index]}" in
${skipCase(commands)}${commandCases(commands)}    esac
  done
  case "$command $previous" in
${valueCases(commands)}  esac
  case "$command" in
${commands.map(renderCommand).join('')}  esac
}

complete -F _orca ${program.name}
`;
}

/** The places where a value follows, which is no command whatever it says. */
function valueTaking({ path, options }: OfferedCommand): string[] {
  return options.filter(({ value }) => value !== null).map(({ flag }) => `${path} ${flag}`);
}

/** A value is passed over; "--option=value" comes in three words. */
function skipCase(commands: readonly OfferedCommand[]): string {
  const places = commands.flatMap(valueTaking).map((place) => `'${place}'`);
  return `      ${places.join(' | ')})
        index=$((index + 1))
        if [[ \${COMP_WORDS[index]} == = ]]; then index=$((index + 1)); fi ;;
`;
}

function commandCases(commands: readonly OfferedCommand[]): string {
  const paths = commands.flatMap(({ children }) => children.map(({ path }) => path));
  return paths.map((path) => `      '${path}') command='${path}' ;;\n`).join('');
}

function valueCases(commands: readonly OfferedCommand[]): string {
  return commands
    .flatMap(({ path, options }) =>
      options.map(({ flag, value }) =>
        value === null ? '' : `    '${path} ${flag}') ${offerCode(value)}return ;;\n`,
      ),
    )
    .join('');
}

function renderCommand({ path, options, argument, children }: OfferedCommand): string {
  const flags = options.map(({ flag }) => flag).join(' ');
  const names = children.map(({ name }) => name).join(' ');
  const rest = names === '' ? offerCode(argument) : `_orca_words '${names}' "$current"; `;
  return `    '${path}')
      if [[ $current == -* ]]; then _orca_words '${flags}' "$current"
      ${rest === '' ? '' : `else ${rest}\n      `}fi ;;
`;
}

/** Statements, each with its end; none where there is nothing to offer. */
function offerCode(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `_orca_words '${offer.words.join(' ')}' "$current"; `;
    case 'file':
      return '_orca_files -f "$current"; ';
    case 'folder':
      return '_orca_files -d "$current"; ';
    case 'nothing':
      return '';
    default:
      return offer satisfies never;
  }
}
