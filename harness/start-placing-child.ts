import { spawn } from 'node:child_process';
import {
  BOOTSTRAP,
  encodeProgram,
  FRAME,
  frameHeader,
  PROGRAM_GLOBAL,
  type SandboxPlan,
} from '@orca/protocol/sandbox-plan';
import type { ByteReader } from './byte-reader.ts';
import { readFrameHeader } from './frames.ts';
import { PLACE_FILES_ROLE } from './place-files-role.ts';
import type { CommandUser, Surroundings } from './surroundings.ts';
import type { Placement } from './unpack/place-files.ts';

/** It goes first when memory runs out, where the system can be told so. */
const GO_FIRST = `try { require('fs').writeFileSync('/proc/self/oom_score_adj', '1000'); } catch {} `;

const CHILD_HEAP_MB = 96;

/** What became of the files, or of the child that was to place them. */
export type Placed =
  | Placement
  /** `isOutOfMemory`: its own heap was full of what is in the archives. */
  | { readonly kind: 'died'; readonly sentence: string; readonly isOutOfMemory: boolean };

/** A child that places a job's files, as the commands' user: the harness itself never touches what a submission may. */
export interface PlacingChild {
  /**
   * Sends it the plan, and the bytes of the files as they come.
   *
   * @param onSent called when there is nothing more to read of the input
   * @throws {UnexpectedEndError} when the input ends before the files do
   */
  place(plan: ReceivedPlan, input: ByteReader, onSent: () => void): Promise<Placed>;
}

/** A plan as it came, and what it says. */
export interface ReceivedPlan {
  readonly bytes: Buffer;
  readonly plan: SandboxPlan;
}

const COMPLAINT_CHARACTERS = 1_000;

/** What V8 says before it aborts. */
const OUT_OF_MEMORY = /^FATAL ERROR: .*out of memory/m;

interface Exit {
  readonly reason: string;
  readonly signal: NodeJS.Signals | null;
}

/** Before it reads anything, the child stops being root. */
function dropTo(user: CommandUser | null): string {
  if (user === null) return '';
  return `process.setgroups([]); process.setgid(${user.gid}); process.setuid(${user.uid}); `;
}

/** Starts the child, so that it is ready when the plan comes. */
export function startPlacingChild({
  user,
  onStarted,
}: Pick<Surroundings, 'user' | 'onStarted'>): PlacingChild {
  const program = Reflect.get(globalThis, PROGRAM_GLOBAL);
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${CHILD_HEAP_MB}`, '-e', GO_FIRST + dropTo(user) + BOOTSTRAP, PLACE_FILES_ROLE],
    { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  if (child.pid !== undefined) onStarted(child.pid);
  // It may have refused an archive and be gone while its input is still coming.
  child.stdin.on('error', () => undefined);
  child.stdin.write(encodeProgram(String(program)));
  const answer = readText(child.stdout);
  const complaint = readText(child.stderr);
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ reason: error.message, signal: null }));
    child.once('exit', (code, signal) => resolve({ reason: `it ended with ${signal ?? code}`, signal }));
  });
  const send = async (bytes: Buffer): Promise<void> => {
    if (child.stdin.write(bytes)) return;
    await new Promise<void>((resolve) => {
      child.stdin.once('drain', resolve).once('close', resolve);
    });
  };
  return {
    async place({ bytes, plan }, input, onSent) {
      await send(frameHeader(FRAME.plan, bytes.length));
      await send(bytes);
      let isSent = false;
      const sent = passFiles(plan, input, send).then(() => {
        isSent = true;
        onSent();
      });
      // It may refuse an archive before it has them all.
      const { reason, signal } = await Promise.race([exited, sent.then(() => exited)]);
      const text = await answer;
      if (text !== '') return JSON.parse(text);
      const said = await complaint;
      const sentence = `Cannot place the files: ${reason} ${said.slice(-COMPLAINT_CHARACTERS)}`.trim();
      // Until it has all files it takes memory for none of them.
      const isOutOfMemory = isSent && signal === 'SIGABRT' && OUT_OF_MEMORY.test(said);
      return { kind: 'died', sentence, isOutOfMemory };
    },
  };
}

async function passFiles(
  plan: SandboxPlan,
  files: ByteReader,
  send: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  for (const _ of plan.files) {
    const { type, length } = await readFrameHeader(files);
    await send(frameHeader(type, length));
    for await (const bytes of files.readThrough(length)) await send(bytes);
  }
}

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
