import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '@orca/docker';
import { SAFE_ENGINE } from '../testing/facts.ts';
import { judgeEngineVersion, judgeRunc, judgeRuntime, judgeUnreachable } from './engine.ts';

const SOCKET = 'unix:///var/run/docker.sock';

test('judgeUnreachable() tells what to do by what the system said', () => {
  const cases = [
    [
      new EngineError('engine_unreachable', 'Cannot GET: connect EACCES /var/run/docker.sock'),
      SOCKET,
      /usermod -aG docker/,
    ],
    [
      new EngineError('engine_unreachable', 'Cannot GET: connect ENOENT'),
      SOCKET,
      /apt-get install docker\.io/,
    ],
    [
      new EngineError('engine_timeout', 'Cannot GET: no answer within 10000 ms'),
      SOCKET,
      /it hangs.*restart docker/,
    ],
    [
      new EngineError('engine_too_old', 'Cannot use: it speaks API 1.39'),
      SOCKET,
      /API 1\.41 \(Docker 20\.10\) or newer/,
    ],
    [
      new EngineError('engine_unreachable', 'connect ECONNREFUSED'),
      'tcp://docker:2375',
      /where DOCKER_HOST says/,
    ],
  ] as const;
  for (const [error, host, mend] of cases) {
    const verdict = judgeUnreachable(error, host);
    assert.equal(verdict.kind, 'fail');
    assert.match(verdict.kind === 'fail' ? verdict.mend : '', mend);
  }
});

test('judgeEngineVersion() warns of all that is older than 29.7', () => {
  for (const version of ['29.7.0', '29.7', '29.10.1', '30.0.0+dfsg1'])
    assert.equal(judgeEngineVersion(version).kind, 'ok');
  for (const version of ['20.10.24+dfsg1', '29.6.9', '9.0'])
    assert.equal(judgeEngineVersion(version).kind, 'warn');
});

test('judgeRunc() knows the lines of runc that are corrected, and what an engine does not say', () => {
  for (const version of ['1.2.8', '1.2.10', '1.3.3', '1.4.0', '2.0'])
    assert.equal(judgeRunc(version).kind, 'ok', version);
  for (const version of ['1.1.5+ds1', '1.1.99', '1.2.7', '1.3.0', '1.3.2'])
    assert.equal(judgeRunc(version).kind, 'warn', version);
  assert.equal(judgeRunc(undefined).kind, 'skipped');
});

test('judgeRuntime() fails for a runtime that the engine has not', () => {
  assert.equal(judgeRuntime(SAFE_ENGINE, '').kind, 'ok');
  assert.equal(judgeRuntime(SAFE_ENGINE, 'runc').kind, 'ok');
  const verdict = judgeRuntime(SAFE_ENGINE, 'runsc');
  assert.equal(verdict.kind, 'fail');
  assert.match(verdict.kind === 'fail' ? verdict.now : '', /"runsc".*it has io\.containerd\.runc\.v2, runc/);
});
