import { type OfferedCommand, type OfferedOption, withChildren } from './offer.ts';

/** A script for fish, to be sourced, or to lie in its folder of completions. */
export function renderFish(program: OfferedCommand): string {
  const commands = withChildren(program);
  const taking = commands.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== null).map(({ flag }) => `${path} ${flag}`),
  );
  const paths = commands.flatMap(({ children }) => children.map(({ path }) => path));
  return `# Completion of orca for fish. Made by "orca completion fish".
function __orca_is
    set -l command ${program.name}
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- "$command $word" ${taking.map(quote).join(' ')}
            set skip 1
        else if contains -- "$command $word" ${paths.map(quote).join(' ')}
            set command "$command $word"
        end
    end
    test "$command" = "$argv[1]"
end

complete -c ${program.name} -f
${commands.flatMap(renderCommand).join('\n')}
`;
}

function renderCommand({ path, options, argument, children }: OfferedCommand): string[] {
  const head = `complete -c orca -n ${quote(`__orca_is '${path}'`)}`;
  const commands = children.map(
    ({ name, description }) => `${head} -a ${quote(name)} -d ${quote(description)}`,
  );
  const words =
    argument.kind === 'words' && children.length === 0
      ? [`${head} -a ${quote(argument.words.join(' '))}`]
      : [];
  const files = argument.kind === 'file' ? [`${head} -F`] : [];
  return [...commands, ...words, ...files, ...options.map((option) => renderOption(head, option))];
}

function renderOption(head: string, { flag, description, value }: OfferedOption): string {
  const line = `${head} -l ${flag.replace(/^--/, '')} -d ${quote(description)}`;
  switch (value?.kind) {
    case undefined:
      return line;
    case 'words':
      return `${line} -x -a ${quote(value.words.join(' '))}`;
    case 'file':
      return `${line} -r -F`;
    case 'folder':
      return `${line} -x -a '(__fish_complete_directories)'`;
    case 'nothing':
      return `${line} -x`;
    default:
      return value satisfies never;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
