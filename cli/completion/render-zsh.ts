import { type Offer, type OfferedCommand, type OfferedOption, withChildren } from './offer.ts';

/** A script for zsh, to be sourced, or to lie as `_orca` in a folder of `fpath`. */
export function renderZsh(program: OfferedCommand): string {
  const commands = withChildren(program);
  const taking = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flag, value }) => (value === null ? [] : [{ place: `${path} ${flag}`, value }])),
  );
  const paths = commands.flatMap(({ children }) => children.map(({ path }) => path));
  return `#compdef ${program.name}
# Completion of orca for zsh. Made by "orca completion zsh".
_orca() {
  local current=\${words[CURRENT]} previous=\${words[CURRENT-1]} command=${program.name} index
  for ((index = 2; index < CURRENT; index++)); do
    case "$command \${words[index]}" in
${taking.map(({ place }) => `      '${place}') ((index++)) ;;\n`).join('')}${paths
  .map((path) => `      '${path}') command='${path}' ;;\n`)
  .join('')}    esac
  done
  case "$command $previous" in
${taking.map(({ place, value }) => `    '${place}') ${offerCode(value)}; return ;;\n`).join('')}  esac
  case "$command" in
${commands.map(renderCommand).join('')}  esac
}

# Called by zsh itself it is the function; sourced it makes the function known.
if [[ \${funcstack[1]-} == _orca ]]; then _orca "$@"; else compdef _orca ${program.name}; fi
`;
}

function renderCommand({ path, options, argument, children }: OfferedCommand): string {
  const flags = described('option', options.map(wordOf));
  const rest = children.length === 0 ? offerCode(argument) : described('command', children.map(childOf));
  return `    '${path}')
      if [[ $current == -* ]]; then ${flags}
      else ${rest}
      fi ;;
`;
}

type Word = readonly [word: string, description: string];

function wordOf({ flag, description }: OfferedOption): Word {
  return [flag, description];
}

function childOf({ name, description }: OfferedCommand): Word {
  return [name, description];
}

function described(title: string, words: readonly Word[]): string {
  const items = words.map(([word, description]) => quote(`${word}:${description}`)).join(' ');
  return `local -a offered=(${items}); _describe '${title}' offered`;
}

function offerCode(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `compadd -- ${offer.words.join(' ')}`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'nothing':
      return ':';
    default:
      return offer satisfies never;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
