import { BASE, built, type DockerfileRow, failed } from './dockerfile-row.ts';

/** What is planted around the builder; nothing that a build prints or leaves may have it. */
export const SECRET = 'planted-secret-6f1d';

const labels = (count: number): string =>
  `LABEL ${Array.from({ length: count }, (_, index) => `l${index}=`).join(' ')}\n`;

const LOOK_FOR_SECRETS = [
  'env',
  'cat /proc/*/environ | tr "\\0" "\\n"',
  'cat ~/.docker/config.json /root/.docker/config.json /.docker/config.json',
  'ls -laR /run /var/run /home /root',
  `grep -rs ${SECRET.slice(0, 8)}''${SECRET.slice(8)} /etc /opt /home /root /run /tmp /var`,
  'echo "args: [$REGISTRY_PASSWORD$HTTP_PROXY$HTTPS_PROXY]"',
  'echo looked everywhere',
].join('; ');

/** All at once: an image takes the longest when it is good, and is saved. */
const ODD_BUT_HARMLESS = [
  'ENV NODE_OPTIONS=--require=/nothing LD_PRELOAD=/nothing.so BASH_ENV=/nothing',
  'RUN mknod -m 666 /opt/disk b 8 0 && mknod -m 666 /opt/memory c 1 1',
  'RUN cp /bin/sh /opt/sh && chmod 6755 /opt/sh',
  // A volume would take over its mode: a job could write to the machine's disk.
  'RUN mkdir -m 777 /data',
  'VOLUME /data/',
  'HEALTHCHECK CMD exit 1',
  'STOPSIGNAL SIGSTOP',
  'USER 65534',
  'WORKDIR /data',
  'ENTRYPOINT ["/bin/false"]',
].join('\n');

const TRY_IT_OUT = [
  'id -u',
  'touch /data/x 2> /dev/null || echo closed',
  // What is mounted there, all of it: a cover beside a volume would be two.
  'grep " /data " /proc/mounts | cut -d " " -f 3',
  'echo "[$NODE_OPTIONS]"',
  'head -c 1 /opt/disk; head -c 1 /opt/memory',
  '/opt/sh -p -c "id -u"',
].join('; ');

/** Rows of what the builder itself must stop or find out, in the order of the table. */
export const BUILDING_ROWS: readonly DockerfileRow[] = [
  built(
    'D01, D11',
    "another's frontend, and looking for secrets",
    `# syntax=evil/frontend\n${BASE}ARG REGISTRY_PASSWORD\nARG HTTP_PROXY\nARG HTTPS_PROXY\nRUN ${LOOK_FOR_SECRETS}\n`,
    { prints: /PATH=\/[\s\S]*args: \[\]\nlooked everywhere/m },
  ),
  failed(
    'D02',
    'a base that is not here',
    'FROM orca-grader-base:no-such-tag\n',
    /there is no "orca-grader-base:no-such-tag" here/,
  ),
  failed('D14', '300 labels', `${BASE}${labels(300)}`, /it has more than 256 labels/),
  failed(
    'D14',
    'a volume on a folder of Orca',
    `${BASE}VOLUME /work\n`,
    /its volume "\/work" covers a folder of Orca's/,
  ),
  failed('D14', 'a signal that is none', `${BASE}STOPSIGNAL NONE\n`, /STOPSIGNAL|signal/i),
  built(
    'D14',
    'device nodes, a shell with the rights of root, and all that says how it is run',
    `${BASE}${ODD_BUT_HARMLESS}\n`,
    { job: { cmd: TRY_IT_OUT, sees: '1000\nclosed\ntmpfs\n[--require=/nothing]\n1000' } },
  ),
  failed(
    'D14',
    'a shell that does nothing',
    `${BASE}RUN ln -sf /bin/true /bin/sh\n`,
    /its shell, \/bin\/sh, does not run a command/,
  ),
  failed(
    'D14',
    'another user',
    `${BASE}RUN sed -i s/^orca-grader:/joe:/ /etc/passwd\n`,
    /its user 1000 is "joe"/,
  ),
  failed('D14', 'no list of users', `${BASE}RUN rm /etc/passwd\n`, /its user 1000 is missing/),
  failed('D14', 'no Node', `${BASE}RUN rm -r /opt/orca\n`, /the harness does not (start|run) in it/),
  failed(
    'D14',
    'a script for Node',
    `${BASE}RUN echo '#!/bin/sh' > /opt/orca/bin/node\n`,
    /the harness does not run in it/,
  ),
  failed(
    'D14',
    'a script that calls Node',
    `${BASE}RUN cd /opt/orca/bin && mv node real && printf '#!/bin/sh\\nexec /opt/orca/bin/real "$@"\\n' > node && chmod 755 node\n`,
    /\/opt\/orca\/bin\/node is not the one of the base image/,
  ),
  failed('D14', "a link where the job's files go", `${BASE}RUN ln -s /etc /work\n`, /Cannot use the image: /),
];

/** Rows for a builder that allows little, so that they do not take long. */
export const EXHAUSTING_ROWS: readonly DockerfileRow[] = [
  failed(
    'D07',
    'a file without end',
    `${BASE}RUN yes > /f\n`,
    /RUN yes.*153 means that it wrote a file that is larger|it wrote more than 64 MiB/,
  ),
  failed(
    'D07',
    'a sparse file of 200 GB',
    `${BASE}RUN truncate -s 200G /f\n`,
    /RUN truncate.*(non-zero code: 1$|153 means that it wrote a file that is larger)/,
  ),
  failed(
    'D07',
    'fifty files with nothing but holes, which the engine fills in once the command has ended',
    `${BASE}RUN for n in $(seq 50); do truncate -s 60M /f$n; done\n`,
    /it wrote more than 64 MiB, and was stopped/,
  ),
  failed(
    'D07',
    'a million empty files',
    `${BASE}RUN mkdir /m && cd /m && seq 1 1000000 | xargs touch && sleep 600\n`,
    /it did not end within 15 s, and was stopped/,
  ),
  failed(
    'D07',
    'processes without end',
    `${BASE}RUN bomb() { bomb | bomb; }; bomb\n`,
    /RUN bomb\(\).*(non-zero code|did not end within 15 s)/,
  ),
  failed(
    'D08',
    'a log without end',
    `${BASE}RUN echo the very beginning; yes "a line of the flood"\n`,
    /it did not end within 15 s, and was stopped/,
    /^(?![\s\S]*the very beginning)[\s\S]*a line of the flood/,
  ),
];
