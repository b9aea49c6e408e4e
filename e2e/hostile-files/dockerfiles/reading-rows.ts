import { BASE, type DockerfileRow, refused } from './dockerfile-row.ts';

const NO_BASE = /line \d: the last stage must begin FROM orca-grader-base/;
const NOT_THERE = /line 2: (COPY|ADD) takes files that are not there/;
const BUILDKIT = /line 2: RUN --(mount|security|network) is an option of BuildKit/;
const FETCHES = /line 2: ADD must not fetch from the network/;

/** Rows that a plain reading of the Dockerfile refuses; `protocol/check-dockerfile.test.ts` has all of its rules. */
export const READING_ROWS: readonly DockerfileRow[] = [
  refused('D01', 'an escape directive after a comment', `# a\n# escape=\`\n${BASE}`, /line 2: "# escape="/),
  refused('D02', 'scratch', 'FROM scratch\n', NO_BASE),
  refused('D02', 'another base', 'FROM ubuntu:22.04\n', NO_BASE),
  refused('D02', 'another base at last', `${BASE}FROM busybox\n`, NO_BASE),
  refused('D02', 'a base by a variable', 'ARG B=evil\nFROM $B\n', /line 2: FROM must name its image itself/),
  refused(
    'D02',
    'another platform',
    'FROM --platform=linux/arm64 orca-grader-base\n',
    /line 1: FROM must have no options/,
  ),
  refused(
    'D02',
    "another client's image",
    `FROM orca-grader-x:1 AS x\n${BASE}`,
    /line 1: FROM must name no other/,
  ),
  refused('D03', 'the context', `${BASE}COPY . /x\n`, NOT_THERE),
  refused('D03', 'what lies above the context', `${BASE}ADD ../ /\n`, NOT_THERE),
  refused('D03', 'the metadata of a cloud', `${BASE}ADD http://169.254.169.254/ /x\n`, FETCHES),
  refused('D03', 'a repository', `${BASE}ADD git@example.edu:x/y.git /x\n`, FETCHES),
  refused(
    'D03',
    "a file of another client's image",
    `${BASE}COPY --from=other-client /a /b\n`,
    /line 2: COPY --from must name an earlier stage/,
  ),
  refused('D04', 'a mount', `${BASE}RUN --mount=type=bind,target=/x true\n`, BUILDKIT),
  refused('D04', 'more rights', `${BASE}RUN --security=insecure true\n`, BUILDKIT),
  refused('D04', "the machine's network", `${BASE}RUN --network=host true\n`, BUILDKIT),
  refused(
    'D07',
    'a volume, which nothing limits, to be filled',
    `${BASE}VOLUME /v\nRUN for n in $(seq 99); do head -c 8G /dev/zero > /v/$n; done\n`,
    /line 3: RUN must not come after VOLUME \/v of line 2/,
  ),
  refused(
    'D14',
    'all ports there are',
    `${BASE}EXPOSE 1-65535 1-65535/udp 1-65535/sctp\n`,
    /line 2: an image must have at most 256 exposed ports/,
  ),
  refused(
    'D14',
    '2,500 instructions',
    `${BASE}${'USER 0\n'.repeat(2_500)}`,
    /line 501: there must be no more than 500 instructions/,
  ),
  refused(
    'D14',
    'a variable that doubles to 16 GiB',
    `${BASE}ENV A=0123456789abcdef\n${'ENV A=$A$A\n'.repeat(30)}`,
    /line 15: ENV must not make more than 256 KiB/,
  ),
  refused(
    'D14',
    '33 volumes',
    `${BASE}VOLUME ${Array.from({ length: 33 }, (_, n) => `/v${n}`).join(' ')}\n`,
    /line 2: an image must have at most 32 volumes/,
  ),
];
