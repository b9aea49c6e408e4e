import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestSandbox } from './sandbox/testing/open-test-sandbox.ts';

const NEXT = { on_complete: 'next', on_fail: 'next' } as const;

test('a command is not ended by a signal without a name, which would look as if it had succeeded', async () => {
  await using box = await openTestSandbox();
  // As `kill` sends them, by the call for threads, and by the kernel for a pipe.
  const callOf = { x64: 234, arm64: 131 }[process.arch === 'arm64' ? 'arm64' : 'x64'];
  const byThread = `my ($call, $self) = (${callOf}, $$);
    for my $signal (32 .. 64) { my $own = $signal; syscall $call, $self, $self, $own } exit 7`;
  const byKernel = 'exit(fcntl(STDIN, 10, 33) ? 0 : 7)';
  const report = await box.run([
    { cmd: 'for signal in $(seq 32 64); do kill -$signal $$; done; exit 7', ...NEXT },
    { cmd: ['perl', '-e', byThread], ...NEXT },
    { cmd: ['perl', '-e', byKernel], ...NEXT },
    { cmd: 'kill -TERM $$', ...NEXT },
    // What handles such a signal still gets it.
    { cmd: `perl -e '$SIG{NUM40} = sub { print "heard" }; kill 40, $$'`, ...NEXT },
  ]);
  assert.deepEqual(
    report.steps.map((step) => step.status),
    [7, 7, 7, -15, 0],
  );
  assert.equal(report.steps[4]?.stdout.toString(), 'heard');
});
