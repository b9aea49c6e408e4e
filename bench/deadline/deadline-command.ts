import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { comparisonOptions, scaleNameOf } from '../comparison-options.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { provideImage } from '../system/provide-image.ts';
import { startSystem } from '../system/start-system.ts';
import { takeTurns } from '../turns/take-turns.ts';
import { readCount } from '../usage-error.ts';
import { prepareDockerRuns } from './bare-containers.ts';
import { openCourseSite } from './course-site.ts';
import { type DeadlineFigures, type Goal, judgeNight, waitsOf } from './figures.ts';
import { findUnfairness } from './find-unfairness.ts';
import { gradeFirstHalf } from './halve-night.ts';
import { planNight } from './night.ts';
import { createDockerRun, createOrcaRun } from './night-turns.ts';
import { gradeByOrca, type OrcaNight } from './orca-night.ts';
import { renderFigures, renderNight } from './render-figures.ts';
import { type DeadlineScale, SCALES, SLOTS, withStudents } from './scale.ts';
import { simulateNight } from './simulated-night.ts';

const CURVE = path.join(import.meta.dirname, '..', 'deadline.svg');
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const INTERRUPTED_STATUS = 130;

const OPTIONS = {
  ...comparisonOptions('bench-deadline'),
  svg: { type: 'string' },
  students: { type: 'string' },
} as const;

const HELP = `Usage: npm run bench -- deadline [options]

  Deadline night: 300 students hand in examples/java-junit within a minute, one in ten of them five times, to a real server
  with one worker of two slots. Next to it, in the same run: the same submissions graded by "docker run" with the same
  commands in the same image, two at a time, the first half of them before and the second after Orca's night; what
  "orca simulate" says of the same arrivals and grading times. At last both sides grade a few of the same jobs in turn, again
  and again: what each part used of the processors.

  --quick         30 students of examples/python-unittest, for a look while developing
  --students N    another number of students, who come as thick and fast: a part of the night, before as many turns
  --tiny          5 students, whose figures mean nothing: to see that it runs
  --json          prints the figures as JSON instead of tables
  --results FILE  appends date, machine, commit and figures to this file (bench/results.md)
  --svg FILE      plots what waits and what is graded over time there (bench/deadline.svg, and nowhere with --quick or --tiny)
  --data FOLDER   where everything is kept meanwhile (.orca/bench-deadline)
  --help          this text
`;

/** What is printed with --json. */
type Report = { machine: Machine; figures: DeadlineFigures; goals: Goal[] };

/** `bench deadline`. @returns the exit status */
export async function runDeadlineCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const named = SCALES[scaleNameOf(values)];
  const { students } = values;
  const scale = students === undefined ? named : withStudents(named, readCount('--students', students));
  const machine = await describeMachine(new Date());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { figures, night } = await measure(scale, path.resolve(values.data), say);
  const report: Report = { machine, figures, goals: judgeNight(figures) };
  const page = renderReport(report);
  await appendFile(values.results, `\n${page}`);
  const title = `${figures.submissions} submissions of ${figures.students} students, ${figures.example}`;
  const svg = values.svg ?? (scale === SCALES.full ? CURVE : null);
  if (svg !== null) await writeFile(svg, renderNight(night.submissions, title));
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : page);
  return 0;
}

async function measure(
  scale: DeadlineScale,
  folder: string,
  say: (line: string) => void,
): Promise<{ figures: DeadlineFigures; night: OrcaNight }> {
  await using opened = new AsyncDisposableStack();
  process.once('SIGINT', () => void opened.disposeAsync().then(() => process.exit(INTERRUPTED_STATUS)));
  await mkdir(folder, { recursive: true });
  const site = opened.use(await openCourseSite(path.join(EXAMPLES, scale.example)));
  const plan = await planNight(scale, site);
  const { example, submissions } = plan;
  say('Starting Orca, and having the image built');
  const orca = opened.use(await startSystem(folder, say));
  await orca.startImageBuilder();
  const worker = await orca.startWorker({ ORCA_CONCURRENCY: String(SLOTS) });
  const { dockerfile, imageSha: sha } = example;
  const image = await provideImage(orca, { dockerfile, sha, responseUrl: site.responseUrl });
  const run = await prepareDockerRuns(plan, image, path.join(folder, 'inputs'));
  say(`The first half of ${submissions.length} submissions by docker run, two at a time`);
  const { first, gradeSecondHalf } = await gradeFirstHalf(submissions, { run, say });
  say(`All of them by Orca (docker run took ${first.seconds.toFixed(1)} s for its half)`);
  const night = await gradeByOrca(plan, orca.api, site, say);
  say(`The second half by docker run (Orca took ${night.makespanSeconds.toFixed(1)} s)`);
  const bare = await gradeSecondHalf();
  for (const [index, output] of night.outputs.entries())
    compareOutputs(index, output, bare.outputs[index] ?? '');
  const sides = { orca: createOrcaRun(plan, orca.api, site), bare: createDockerRun(plan, run) };
  const pids = { worker: worker.pid, server: orca.server.pid, postgres: orca.postgres.pid };
  const turns = await takeTurns(sides, scale.turns, { pids, say: (line) => say(`In turn: ${line}`) });
  const figures: DeadlineFigures = {
    ...{
      scale: scale.name,
      example: scale.example,
      submissions: submissions.length,
      students: scale.students,
    },
    ...{ bareHalves: bare.halves, orcaSeconds: night.makespanSeconds, files: night.files },
    waits: waitsOf(night.submissions),
    simulated: await simulateNight(night.submissions, folder),
    unfair: findUnfairness(night.submissions),
    turns,
  };
  return { figures, night };
}

/** @throws {Error} when the two have not done the same work */
function compareOutputs(index: number, byOrca: string, byHand: string): void {
  const [one, other] = [byOrca, byHand].map((output) => output.match(/^(not )?ok\b.*/gm)?.length ?? 0);
  if (one === other && one !== 0) return;
  throw new Error(`Cannot compare submission ${index}: Orca ran ${one} tests, docker run ${other}`);
}

function renderReport({ machine, figures, goals }: Report): string {
  const { date, commit, cores, cpu, memoryGib, node } = machine;
  return `## deadline (${figures.scale}, ${figures.students} students), ${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}

${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}, PostgreSQL beside it, fsync on.

${renderFigures(figures, goals)}`;
}
