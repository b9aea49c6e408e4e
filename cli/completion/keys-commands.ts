import type { Offer, OfferedCommand, OfferedOption } from './offer.ts';

const NOTHING: Offer = { kind: 'nothing' };
const JSON_FLAG: OfferedOption = { flag: '--json', description: 'print one JSON object', value: null };
const HELP: OfferedOption = { flag: '--help', description: 'explain it', value: null };

const text = (flag: string, description: string): OfferedOption => ({ flag, description, value: NOTHING });

const COMMANDS: readonly [name: string, description: string, options: readonly OfferedOption[]][] = [
  [
    'create',
    'make a key, and show it this once',
    [
      text('--host', 'a course site'),
      {
        flag: '--role',
        description: 'what it may do',
        value: { kind: 'words', words: ['client', 'staff', 'admin'] },
      },
      text('--expires', 'a day, or a length of time'),
      text('--note', 'shown in the list'),
    ],
  ],
  ['list', 'all keys', []],
  ['revoke', 'end a key', []],
  [
    'import',
    'take over the keys of the old system',
    [
      text('--table', 'where they stand'),
      { flag: '--dry-run', description: 'only say what would be taken', value: null },
    ],
  ],
  ['secrets', 'signing secrets', [text('--overlap', 'how long the former one stays')]],
];

/**
 * The commands of `orca keys`, which are the orchestrator's: this program does not read them, and a test compares them
 * with the help of that one.
 *
 * @param inherited options of `orca keys` itself
 */
export function keysCommands(inherited: readonly OfferedOption[]): OfferedCommand[] {
  return COMMANDS.map(([name, description, options]) => ({
    path: `orca keys ${name}`,
    name,
    description,
    options: [...options, JSON_FLAG, ...inherited, HELP],
    argument: name === 'secrets' ? { kind: 'words', words: ['list', 'rotate'] } : NOTHING,
    children: [],
  }));
}
