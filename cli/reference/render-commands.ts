import type { Argument, Command, Option } from 'commander';
import { exitsOf, manualOf, renderExample } from '../manual.ts';

const HEADING = `# Commands

\`./orca <command>\`, made of what \`./orca <command> --help\` says. This page is made by \`npm run docs:commands\`.

The exit status is always 0 for what was done, 1 for what could not be, 2 for wrong usage, and 130 after Ctrl-C unless the command's own table says otherwise. Sentences for
people go to standard error where standard output is for a program. \`--json\` prints one JSON value and nothing else.

These variables mean the same to all commands; each also stands in \`.env\` of the working folder, which counts less:

| variable | meaning |
| --- | --- |
| \`ORCA_SERVER\` | The API server that \`images\`, \`queue\`, \`deliveries\`, \`submit\` and \`trace\` talk to; \`--server\` goes first. |
| \`ORCA_API_KEY\` | The API key that they show; \`--key\` goes first, and is seen in lists of processes. |
| \`POSTGRES_URL\` | The database of \`up\`, \`demo\` (not in production), \`keys\`, \`doctor\`, \`audit\` and \`simulate\`; unset: that of the \`orca up\` in the data folder. |
| \`DOCKER_HOST\` | The engine of \`up\`, \`demo\`, \`grade\`, \`test\`, \`doctor\` and \`audit\`. |
| \`ORCA_BASE_IMAGE\` | The image that the base image is built on; unset: Orca chooses. |
| \`NO_COLOR\` | Set: no colours, also on a terminal. |

What the server, the image builder and the workers read beside these is in [settings.md](settings.md).
`;

/** The reference page of all commands, in Markdown; not aligned yet as the formatter would have it. */
export function renderCommandsPage(program: Command): string {
  return [HEADING, ...sectionsOf(program, [program.name()])].join('\n');
}

function sectionsOf(parent: Command, path: readonly string[]): string[] {
  return parent.commands.flatMap((command) => {
    const own = [...path, command.name()];
    return [renderSection(command, own.join(' ')), ...sectionsOf(command, own)];
  });
}

function renderSection(command: Command, path: string): string {
  const manual = manualOf(command);
  const parts = [
    `## ${path}`,
    sentenceOf(command.description()),
    ...(manual?.about === undefined ? [] : [renderAbout(manual.about)]),
    block(`${path} ${command.usage()}`),
    ...table('argument', command.registeredArguments.map(argumentRow)),
    ...table('option', command.options.map(optionRow)),
  ];
  if (manual !== undefined) {
    parts.push(...table('exit status', exitsOf(manual)));
    parts.push(block(manual.examples.map(renderExample).join('\n'), 'sh'));
  }
  return `${parts.join('\n\n')}\n`;
}

/** Paragraphs; one that is indented is to be typed. */
function renderAbout(about: string): string {
  const paragraphs = about.trim().split('\n\n');
  return paragraphs
    .map((paragraph) =>
      paragraph.startsWith('  ') ? block(paragraph.replaceAll(/^ {2}/gm, '')) : escapeText(paragraph),
    )
    .join('\n\n');
}

function argumentRow(argument: Argument): [string, string] {
  const name = argument.variadic ? `${argument.name()}…` : argument.name();
  const choices =
    argument.argChoices === undefined ? '' : ` One of ${argument.argChoices.map(code).join(', ')}.`;
  return [code(name), `${sentenceOf(argument.description)}${choices}`];
}

function optionRow(option: Option): [string, string] {
  const choices = option.argChoices === undefined ? '' : ` One of ${option.argChoices.map(code).join(', ')}.`;
  const standard = option.defaultValueDescription ?? shownDefault(option.defaultValue);
  const unless = standard === '' ? '' : ` Unless it is given: ${standard}.`;
  return [code(option.flags), `${sentenceOf(option.description)}${choices}${unless}`];
}

/** What a flag is without being given goes without saying. */
function shownDefault(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

function table(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(([name, meaning]) => `| ${escapeCell(name)} | ${escapeCell(meaning)} |`);
  return [[`| ${title} | meaning |`, '| --- | --- |', ...lines].join('\n')];
}

function sentenceOf(text: string): string {
  return escapeText(`${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`);
}

/** What Markdown would take for a tag, or for emphasis. */
function escapeText(text: string): string {
  return text.replaceAll('<', '\\<').replaceAll('*', '\\*');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function code(text: string): string {
  return `\`${text}\``;
}

function block(text: string, language = ''): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
