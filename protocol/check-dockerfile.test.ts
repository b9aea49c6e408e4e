import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDockerfile } from './check-dockerfile.ts';

const BASE = 'FROM orca-grader-base\n';
const DEFAULT = { allowRemoteAdd: false };

function errorsOf(contents: string, rules = DEFAULT): string {
  return checkDockerfile(contents, rules).errors.join('\n');
}

function notesOf(contents: string): string {
  return checkDockerfile(contents, DEFAULT).notes.join('\n');
}

/** Each row: a Dockerfile, and what its only error says after `dockerfile_contents: `. */
function assertRefused(rows: readonly [contents: string, error: RegExp][], rules = DEFAULT): void {
  for (const [contents, error] of rows) {
    const { errors } = checkDockerfile(contents, rules);
    assert.equal(errors.length, 1, `${JSON.stringify(contents)}: ${errors.join('\n')}`);
    assert.match(errors[0] ?? '', new RegExp(`^dockerfile_contents: ${error.source}`), contents);
  }
}

test('checkDockerfile() finds nothing wrong with graders as courses write them', () => {
  const contents = [
    'ARG VERSION=17',
    'FROM maven:3.9-eclipse-temurin-17@sha256:0123456789abcdef AS Build',
    'RUN mvn -v',
    'FROM build AS more',
    'FROM scratch AS none',
    'FROM orca-grader-base:2024.1 AS final',
    'ARG VERSION',
    'RUN apt-get update && apt-get install -y \\',
    '    # the compiler',
    '    openjdk-$VERSION-jdk-headless \\',
    ' && echo $((1<<2)) "1 << 2" <<<x',
    'COPY --from=build --chown=1000:1000 /a /b',
    'COPY --from=0 ["/c d", "/e"]',
    'ENV JAVA_HOME=/usr/lib/jvm',
    'WORKDIR /home/orca-grader',
    'USER orca-grader',
  ].join('\n');
  assert.deepEqual(checkDockerfile(contents, DEFAULT), {
    errors: [],
    notes: [],
    baseReferences: ['orca-grader-base:2024.1'],
    registryReferences: [{ image: 'maven:3.9-eclipse-temurin-17@sha256:0123456789abcdef', hasRun: true }],
  });
});

test('checkDockerfile() wants the last stage from the base image, by its name alone (D02)', () => {
  assertRefused([
    ['', /line 1: has no FROM: it must begin with FROM orca-grader-base or /],
    ['# nothing\n', /line 1: has no FROM/],
    [
      'FROM ubuntu:22.04\n',
      /line 1: the last stage must begin FROM orca-grader-base or .* is "ubuntu:22.04"$/,
    ],
    [`${BASE}FROM busybox\n`, /line 2: the last stage must begin .* is "busybox"$/],
    ['FROM scratch\n', /line 1: the last stage must begin/],
    ['FROM orca-grader-base@sha256:00\n', /line 1: the last stage must begin/],
    ['FROM docker.io/library/orca-grader-base\n', /line 1: the last stage must begin/],
    ['FROM Orca-Grader-Base\n', /line 1: the last stage must begin/],
    ['FROM "orca-grader-base"\n', /line 1: the last stage must begin/],
    ['FROM ["orca-grader-base"]\n', /line 1: the last stage must begin/],
    ['FROM orca-grader-base-evil\n', /line 1: the last stage must begin/],
    ['FROM orca-grader-base:\n', /line 1: the last stage must begin/],
    [`ARG B=evil\nFROM $B\n`, /line 2: FROM must name its image itself and not by a variable, is "\$B"$/],
    [`ARG B=x\nFROM orca-grader-base:\${B}\n`, /line 2: FROM must name its image itself/],
    [
      'FROM --platform=linux/arm64 orca-grader-base\n',
      /line 1: FROM must have no options such as --platform/,
    ],
    [`FROM debian AS b\n\nFROM B\n`, /line 3: the last stage must begin .*COPY --from=B$/],
    ['FROM orca-grader-base final\n', /line 1: FROM must be written/],
    [`FROM\n${BASE}`, /line 1: FROM must be written/],
  ]);
});

test('checkDockerfile() lets no stage be called as the base is: it would be taken for it', () => {
  assert.match(
    errorsOf(`FROM debian AS ORCA-grader-base\n${BASE}`),
    /^dockerfile_contents: line 1: the name of a stage must not begin with "orca-", is "orca-grader-base"/,
  );
  assertRefused([
    [`FROM debian AS 1a\n${BASE}`, /line 1: the name of a stage must be a letter, then /],
    [`FROM debian AS a\nFROM debian AS A\n${BASE}`, /line 2: "a" is already the name of an earlier stage/],
  ]);
});

test("checkDockerfile() lets earlier stages name registries' images, and none of the engine's own", () => {
  const rows = [
    'orca-debian:12',
    'docker.io/library/orca-x',
    'index.docker.io/orca-x',
    'library/orca-x',
    'Orca-X',
  ];
  const own = rows.map((image): [string, RegExp] => [
    `FROM ${image}\n${BASE}`,
    /line 1: FROM must name no other/,
  ]);
  const hex = ['d1a957b6bea1', 'ab'.repeat(32), '4477', 'CAFE', `sha256:${'ab'.repeat(32)}`];
  const ids = hex.map((image): [string, RegExp] => [
    `FROM ${image}\n${BASE}`,
    /line 1: FROM must name an image by /,
  ]);
  const quoted = ['"debian"', 'deb\\ian', 'déb'].map((image): [string, RegExp] => [
    `FROM ${image}\n${BASE}`,
    /line 1: FROM must name an image plainly/,
  ]);
  assertRefused([...own, ...ids, ...quoted]);
  for (const image of ['debian:12', 'registry.example.edu:5000/a/orca-b:1', 'a@sha256:00', 'scratch']) {
    assert.equal(errorsOf(`FROM ${image}\n${BASE}`), '', image);
  }
});

test('checkDockerfile() says which base images the engine must have', () => {
  const contents = `FROM orca-grader-base:1 AS a\nFROM debian\nFROM orca-grader-base:1\n${BASE}`;
  assert.deepEqual(checkDockerfile(contents, DEFAULT).baseReferences, [
    'orca-grader-base:1',
    'orca-grader-base',
  ]);
});

test('checkDockerfile() refuses to copy what is not there, or from where it may not (D03)', () => {
  assertRefused([
    [`${BASE}COPY . /x`, /line 2: COPY takes files that are not there: a Dockerfile comes alone/],
    [`${BASE}COPY Dockerfile /x`, /line 2: COPY takes files that are not there/],
    [`${BASE}COPY -- --from=0 /x`, /line 2: COPY takes files that are not there/],
    [`${BASE}ADD ../ /`, /line 2: ADD takes files that are not there/],
    [`${BASE}COPY --from=other-client-image /a /b`, /line 2: COPY --from must name an earlier stage/],
    [`${BASE}COPY --from=orca-debian:12 /a /b`, /line 2: COPY --from must name an earlier stage/],
    [`${BASE}COPY --from=$X /a /b`, /line 2: COPY --from must name an earlier stage/],
    [`${BASE}COPY --from=0 /a /b`, /line 2: COPY --from must name an earlier stage/],
    [`FROM debian AS b\nCOPY --from=b /a /b\n${BASE}`, /line 2: COPY --from must name an earlier stage/],
    [`FROM debian\n${BASE}COPY --from=0 --from=1 /a /b`, /line 3: COPY --from must name .* is "1"/],
    [`FROM debian\n${BASE}COPY --from=00x /a /b`, /line 3: COPY --from must name/],
    [`FROM debian\n${BASE}COPY --from=0 /a`, /line 3: COPY must have a source and a destination/],
    [`FROM debian\n${BASE}COPY --from=0 --chmod=755 /a /b`, /line 3: COPY --chmod is an option of BuildKit/],
    [`FROM debian\n${BASE}COPY --FROM=0 --from=0 /a /b`, /line 3: COPY has no option --FROM/],
  ]);
  assert.match(
    errorsOf(`FROM debian AS b\n${BASE}COPY --from b /a /b`),
    /line 3: COPY --from must be written --from=<value>/,
  );
});

test('checkDockerfile() refuses ADD from the network unless the operator allows it, and shows no URL (D03)', () => {
  const sources = [
    ...[
      'http://169.254.169.254/',
      'HTTPS://u:secret@h/x',
      'ftp://h/x',
      'ssh://h/x',
      'git://h/x',
      'git@h:x/y.git',
    ],
    ...['$URL', 'a$URL', 'git:x'],
  ];
  for (const source of sources) {
    for (const args of [`${source} /x`, `["${source}", "/x"]`]) {
      assertRefused([
        [`${BASE}ADD ${args}`, /line 2: ADD must not fetch from the network, unless the operator/],
      ]);
    }
  }
  assert.doesNotMatch(errorsOf(`${BASE}ADD https://u:secret@h/x /x`), /secret/);
  const rules = { allowRemoteAdd: true };
  assert.equal(errorsOf(`${BASE}ADD --chown=1000 https://h/x $URL /x/`, rules), '');
  assertRefused([[`${BASE}ADD git@h:x/y.git /x`, /line 2: ADD fetches http:/]], rules);
  assertRefused([[`${BASE}ADD https://h/x local /x/`, /line 2: ADD takes files that are not there/]], rules);
});

test('checkDockerfile() says what to do without BuildKit (D01, D04)', () => {
  assertRefused([
    [
      `${BASE}RUN --mount=type=cache,target=/x true`,
      /line 2: RUN --mount is an option of BuildKit.*within one RUN/,
    ],
    [`${BASE}RUN --security=insecure true`, /line 2: RUN --security is an option of BuildKit/],
    [`${BASE}RUN --network=host true`, /line 2: RUN --network is an option of BuildKit/],
    [`${BASE}RUN cat <<EOF\nhello world\nEOF\n${BASE}`, /line 2: RUN must not read a heredoc/],
    [`# a\n# escape=\`\n${BASE}`, /line 2: "# escape=" has a meaning on the first line only/],
    [`${BASE}RNU true`, /line 2: unknown instruction "RNU"; did you mean "RUN"\?$/],
    [`ENV A=b\n${BASE}`, /line 1: ENV must come after a FROM/],
    [`${BASE}ONBUILD COPY --from=x /a /b`, /line 2: ONBUILD is for images that others are built from/],
    [`${BASE}RUN a\u001b[31m`, /line 2: must not contain control characters, has U\+001B/],
  ]);
});

test('checkDockerfile() notes what has no effect on a job, and builds it all the same (D01)', () => {
  const rows: [contents: string, note: RegExp][] = [
    [`# syntax=evil/frontend\n${BASE}`, /^dockerfile_contents: line 1: "# syntax=" is ignored/],
    [`${BASE}ENTRYPOINT ["/bin/sh"]`, /^dockerfile_contents: line 2: ENTRYPOINT is ignored: Orca starts/],
    [`${BASE}CMD a\nCMD b`, /^dockerfile_contents: line 3: CMD is ignored/],
    [`${BASE}HEALTHCHECK --interval=5s CMD true`, /line 2: HEALTHCHECK is ignored/],
    [`${BASE}VOLUME /data`, /line 2: VOLUME is covered by an empty read-only folder/],
    [`${BASE}USER root`, /line 2: commands run as orca-grader all the same/],
    [`${BASE}WORKDIR /x`, /line 2: WORKDIR is ignored when a job runs/],
    [`${BASE}ENV A="b c" LD_PRELOAD=/x`, /line 2: ENV LD_PRELOAD is seen by commands/],
    [`${BASE}ENV NODE_OPTIONS --require /x`, /line 2: ENV NODE_OPTIONS is seen by commands/],
    [`${BASE}ENV HOME=/x`, /line 2: ENV HOME has no effect on commands/],
  ];
  for (const [contents, note] of rows) {
    assert.equal(errorsOf(contents), '');
    assert.match(notesOf(contents), note);
    assert.doesNotMatch(notesOf(contents), /\n/);
  }
  const quiet = `FROM a\nENTRYPOINT x\nUSER root\n${BASE}USER root\nUSER 1000:1000\nENV A=ENV B="x HOME=y"`;
  assert.equal(notesOf(quiet), '');
});

test('checkDockerfile() takes 32 volumes and no more', () => {
  const volumes = (count: number): string =>
    `${BASE}VOLUME ${Array.from({ length: count }, (_, n) => `/v${n}`).join(' ')}`;
  assert.equal(errorsOf(volumes(32)), '');
  assertRefused([[volumes(33), /line 2: an image must have at most 32 volumes, "\/v32" is one more/]]);
});

test('checkDockerfile() names what a registry has to have, each once, and on what a RUN is', () => {
  const dockerfile = [
    'ARG X=1',
    'from debian:12 AS Build',
    'ENV A=b',
    'FROM build AS more',
    'FROM scratch',
    'RUN echo \\',
    ' FROM nothing',
    'FROM MORE',
    'RUN make',
    'FROM debian:12',
    'FROM a.example/x@sha256:00 AS last',
    'COPY --from=more /a /b',
    'FROM debian AS scratch',
    'FROM scratch',
    'RUN make',
    'FROM orca-grader-base:1',
    'RUN make',
  ].join('\n');
  assert.deepEqual(checkDockerfile(dockerfile, DEFAULT).registryReferences, [
    { image: 'debian:12', hasRun: true },
    { image: 'a.example/x@sha256:00', hasRun: false },
    { image: 'debian', hasRun: true },
  ]);
});
