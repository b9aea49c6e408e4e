import assert from 'node:assert/strict';
import type { ReceivedPost } from '../kit/fake-client.ts';
import type { TestOrca } from '../kit/start-orca.ts';
import type { SendJob } from './hostile-orca.ts';

// A well-behaved submission, which uses a bit of everything: its file, a second process, memory, the disk, the clock.
const PROGRAM = `
import hashlib, subprocess, sys
words = open(sys.argv[1]).read().split()
print("1..2")
print("ok 1 - sorts" if sorted(words, key=len) == ["a", "quiet", "submission"] else "not ok 1 - sorts")
block = bytes(range(256)) * 65536
open("block", "wb").write(block)
told = subprocess.run(["sha256sum", "block"], capture_output=True, text=True).stdout.split()[0]
print("ok 2 - hashes" if told == hashlib.sha256(block).hexdigest() else "not ok 2 - hashes")
`;

/** Much more than it takes on a busy machine: a neighbour is slowed down by others, not held up. */
const NEIGHBOUR_MS_MAX = 60_000;

/** Well-behaved jobs that go through a worker one after the other, while something else goes on. */
export interface Neighbours {
  /** No more of them. @returns how many were graded, each as if alone */
  stop(): Promise<number>;
}

/** Begins to send them; returns when the first is in the hands of a worker. */
export async function startNeighbours(orca: TestOrca, sendJob: SendJob, name: string): Promise<Neighbours> {
  const first = Promise.withResolvers<void>();
  let isStopped = false;
  const run = async (): Promise<number> => {
    let count = 0;
    while (!isStopped) {
      const key = `${name} ${count}`;
      const { claimed } = await sendJob({
        key,
        script: [
          { cmd: ['python3', '-c', PROGRAM, '$EXTRACTED/submission/hello.txt'], on_complete: 'output' },
        ],
        files: {
          submission: {
            url: orca.client.serve(`/files/${encodeURIComponent(name)}/hello.txt`, 'submission a quiet\n'),
            mime_type: 'text/plain',
            should_replace_paths: false,
          },
        },
      });
      await claimed;
      first.resolve();
      judgeNeighbour(await orca.client.waitForResult(key, NEIGHBOUR_MS_MAX));
      count += 1;
    }
    return count;
  };
  const running = run();
  running.catch(first.reject);
  await first.promise;
  return {
    async stop() {
      isStopped = true;
      return running;
    },
  };
}

function judgeNeighbour({ json }: ReceivedPost): void {
  const seen = JSON.stringify(json);
  assert.deepEqual(json.errors, [], seen);
  assert.equal(json.output, '1..2\nok 1 - sorts\nok 2 - hashes', seen);
  assert.deepEqual(json.score, { earned: 2, available: 2 }, seen);
  const [response, ...others] = json.shell_responses ?? [];
  assert.equal(others.length, 0, seen);
  assert.equal(response?.status_code, 0, seen);
  assert.equal(response?.stderr, '', seen);
  assert.equal(response?.limit, undefined, seen);
}
