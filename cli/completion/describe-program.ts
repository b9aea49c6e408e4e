import type { Command, Option } from 'commander';
import { listExamples } from '../demo/list-examples.ts';
import { REPOSITORY } from '../repository.ts';
import { keysCommands } from './keys-commands.ts';
import type { Offer, OfferedCommand, OfferedOption } from './offer.ts';

/** What stands for a value in the program's own words, and is something that a shell can list. */
const LISTED: Readonly<Record<string, Offer>> = {
  file: { kind: 'file' },
  Dockerfile: { kind: 'file' },
  path: { kind: 'file' },
  folder: { kind: 'folder' },
};
const NOTHING: Offer = { kind: 'nothing' };
const HELP: OfferedOption = { flag: '--help', description: 'display help for command', value: null };

/** What can be typed, read off the program. */
export function describeProgram(program: Command): OfferedCommand {
  return describe(program, program.name(), []);
}

function describe(command: Command, path: string, inherited: readonly OfferedOption[]): OfferedCommand {
  const options = [...command.options.filter(({ hidden }) => !hidden).map(describeOption), ...inherited];
  // Those of the program itself go before a command only.
  const handedOn = command.parent === null ? [] : options;
  const [argument] = command.registeredArguments;
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: [...options, HELP],
    argument:
      argument === undefined
        ? NOTHING
        : offerOf(argument.name(), argument.argChoices, `${path} ${argument.name()}`),
    children:
      path === 'orca keys'
        ? keysCommands(options)
        : command.commands.map((child) => describe(child, `${path} ${child.name()}`, handedOn)),
  };
}

function describeOption(option: Option): OfferedOption {
  const [, name = ''] = /[<[]([^<[>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    flag: option.long ?? option.short ?? '',
    description: option.description,
    value: option.required || option.optional ? offerOf(name, option.argChoices) : null,
  };
}

function offerOf(name: string, choices: readonly string[] | undefined, place = ''): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (place === 'orca demo example') return { kind: 'words', words: listExamples(REPOSITORY.examples) };
  return LISTED[name.replace(/(?<!\.)\.+$/, '')] ?? NOTHING;
}
