import { readdirSync, readFileSync } from 'node:fs';

/** Where the time of the processors goes, in milliseconds. */
export interface CpuUse {
  readonly worker: number;
  readonly server: number;
  /** All of its processes. */
  readonly postgres: number;
  /** This process and what it has waited for: the course site, and of bare containers the sandbox, or the engine's client. */
  readonly bench: number;
  /** Of the whole machine: the engine, the containers and what runs in them. */
  readonly others: number;
}

/** Whom to tell apart; each by its process id. */
export interface CpuPids {
  readonly worker: number;
  readonly server: number;
  readonly postgres: number;
}

// From proc_pid_stat(5), counted after the command's closing parenthesis, which may itself hold spaces.
const PARENT_FIELD = 1;
const FIRST_TIME_FIELD = 11;
/** Own time in user mode and in the kernel, and that of children that have ended and were waited for. */
const TIME_FIELDS = 4;
/** From proc_stat(5): user, nice, system; and after idle and iowait, irq and softirq. */
const BUSY_FIELDS = [0, 1, 2, 5, 6];
/** Linux counts in hundredths of a second, whatever its own clock. */
const TICK_MS = 10;

/**
 * Reads what has been used so far: of the processes since they began, of the machine since it did.
 *
 * @throws {Error} with the system's code where there is no `/proc`, or no such process
 */
export function readCpuUse({ worker, server, postgres }: CpuPids): CpuUse {
  const [machine = ''] = readFileSync('/proc/stat', 'utf8').replace('cpu ', '').trim().split('\n');
  const fields = machine.trim().split(' ').map(Number);
  const busyMs = sum(BUSY_FIELDS.map((index) => fields[index] ?? 0)) * TICK_MS;
  const ofProcesses = {
    worker: readProcess(worker).cpuMs,
    server: readProcess(server).cpuMs,
    postgres: readProcess(postgres).cpuMs + sum(childrenOf(postgres).map(({ cpuMs }) => cpuMs)),
    bench: readProcess(process.pid).cpuMs,
  };
  return { ...ofProcesses, others: busyMs - sum(Object.values(ofProcesses)) };
}

/** What was used between two looks, for each of so many jobs. */
export function cpuUseBetween(before: CpuUse, after: CpuUse, jobs: number): CpuUse {
  const of = (part: keyof CpuUse): number => (after[part] - before[part]) / jobs;
  return {
    worker: of('worker'),
    server: of('server'),
    postgres: of('postgres'),
    bench: of('bench'),
    others: of('others'),
  };
}

interface ProcessLook {
  readonly parent: number;
  readonly cpuMs: number;
}

function readProcess(pid: number): ProcessLook {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const times = fields.slice(FIRST_TIME_FIELD, FIRST_TIME_FIELD + TIME_FIELDS);
  return { parent: fields[PARENT_FIELD] ?? 0, cpuMs: sum(times) * TICK_MS };
}

function childrenOf(parent: number): ProcessLook[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const look = readProcess(Number(name));
      return look.parent === parent ? [look] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
