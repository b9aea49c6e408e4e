import type { FlatStep, FlatTarget, GradingJobConfig } from '@orca/protocol';
import { flattenScript } from '@orca/protocol';
import { type Folders, insertFolders } from '@orca/protocol/sandbox-plan';

/** How a mime type is unpacked by hand: `$1` the archive, in the folder where it belongs. */
const UNPACK: Readonly<Record<string, string>> = {
  'application/zip': 'unzip -q -o "$1"',
  'application/x-gtar': 'tar xzf "$1"',
};

const TESTS = { exists: '-e', file: '-f', dir: '-d' } as const;

/**
 * A job as somebody would write it who has nothing but a shell: unpack the files, run the same commands, follow the same
 * edges.
 *
 * @param folders `downloaded` holds each file under its name in the job
 */
export function shellScript(
  { files, script }: Pick<GradingJobConfig, 'files' | 'script'>,
  folders: Folders,
): string {
  const unpacked = Object.entries(files).map(([name, { mime_type: mimeType }]) => {
    const unpack = UNPACK[mimeType];
    if (unpack === undefined) throw new Error(`Cannot unpack "${name}" by hand: it is ${mimeType}`);
    const folder = quote(`${folders.extracted}/${name}`);
    const archive = quote(`${folders.downloaded}/${name}`);
    return `mkdir -p ${folder} && (set -- ${archive} && cd ${folder} && ${unpack}) || exit 3`;
  });
  const steps = flattenScript(script).map((step, index) => `${index}) ${shellStep(step, folders)} ;;`);
  return `set -u
mkdir -p ${quote(folders.build)}
${unpacked.join('\n')}
step=0
while :; do
case $step in
${steps.join('\n')}
output) exit 0 ;;
abort) exit 1 ;;
esac
done
`;
}

function shellStep(step: FlatStep, folders: Folders): string {
  const insert = (text: string): string => quote(insertFolders(text, folders));
  switch (step.kind) {
    case 'condition':
      return branch(`[ ${TESTS[step.predicate]} ${insert(step.operand)} ]`, step.onTrue, step.onFalse);
    case 'shell': {
      const { cmd, workingDir, timeoutSeconds } = step;
      const command = typeof cmd === 'string' ? `sh -c ${insert(cmd)}` : cmd.map(insert).join(' ');
      const run = `(cd ${insert(workingDir ?? '$BUILD')} && timeout ${timeoutSeconds} ${command})`;
      return branch(run, step.onSuccess, step.onFailure);
    }
    default:
      return step satisfies never;
  }
}

function branch(test: string, then: FlatTarget, otherwise: FlatTarget): string {
  return `if ${test}; then step=${then}; else step=${otherwise}; fi`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
