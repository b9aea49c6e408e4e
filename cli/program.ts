import { Command } from 'commander';
import { type RunCompletion, registerCompletion } from './completion/register.ts';
import { type RunAudit, registerAudit } from './audit/register.ts';
import { type RunDeliveries, registerDeliveries } from './deliveries/register.ts';
import { type RunDemo, registerDemo } from './demo/register.ts';
import { type RunDoctor, registerDoctor } from './doctor/register.ts';
import { type RunGrade, registerGrade } from './grade/register.ts';
import { type ImagesCommands, registerImages } from './images/register.ts';
import { type RunKeys, registerKeys } from './keys/register.ts';
import { type RunQueue, registerQueue } from './queue/register.ts';
import { type RunSimulate, registerSimulate } from './simulate/register.ts';
import { type RunSubmit, registerSubmit } from './submit/register.ts';
import { type RunTest, registerTest } from './test/register.ts';
import { type RunTrace, registerTrace } from './trace/register.ts';
import { type RunUp, registerUp } from './up/register.ts';
import { type RunValidate, registerValidate } from './validate/register.ts';

/** What the commands do; each is loaded only when it is called, so that `--help` is quick. */
export interface Commands extends ImagesCommands {
  up: RunUp;
  demo: RunDemo;
  keys: RunKeys;
  doctor: RunDoctor;
  audit: RunAudit;
  validate: RunValidate;
  grade: RunGrade;
  submit: RunSubmit;
  test: RunTest;
  queue: RunQueue;
  simulate: RunSimulate;
  deliveries: RunDeliveries;
  trace: RunTrace;
  completion: RunCompletion;
}

/** The commands as they are. */
export const COMMANDS: Commands = {
  up: async (options) => (await import('./up/up-command.ts')).runUp(options),
  demo: async (examples, options) => (await import('./demo/demo-command.ts')).runDemo(examples, options),
  listImages: async (options) => (await import('./images/browse-command.ts')).runListImages(options),
  showImage: async (sha, options) => (await import('./images/browse-command.ts')).runShowImage(sha, options),
  buildImage: async (path, options) =>
    (await import('./images/build-command.ts')).runBuildImage(path, options),
  keys: async (args, options) => (await import('./keys/keys-command.ts')).runKeys(args, options),
  doctor: async (options) => (await import('./doctor/doctor-command.ts')).runDoctor(options),
  validate: async (file, options) =>
    (await import('./validate/validate-command.ts')).runValidate(file, options),
  grade: async (file, options) => (await import('./grade/grade-command.ts')).runGrade(file, options),
  submit: async (file, options) => (await import('./submit/submit-command.ts')).runSubmit(file, options),
  audit: async (options) => (await import('./audit/audit-command.ts')).runAudit(options),
  test: async (options) => (await import('./test/test-command.ts')).runTest(options),
  queue: {
    list: async (options) => (await import('./queue/queue-command.ts')).runListQueue(options),
    steer: async (action, id, options) =>
      (await import('./queue/queue-command.ts')).runSteerQueue(action, id, options),
    bulk: async (action, options) => (await import('./queue/bulk-command.ts')).runBulkQueue(action, options),
  },
  simulate: async (file, options) =>
    (await import('./simulate/simulate-command.ts')).runSimulate(file, options),
  deliveries: {
    list: async (options) => (await import('./deliveries/deliveries-command.ts')).runListDeliveries(options),
    show: async (id, options) =>
      (await import('./deliveries/deliveries-command.ts')).runShowDelivery(id, options),
    sendAgain: async (id, options) =>
      (await import('./deliveries/deliveries-command.ts')).runSendAgain(id, options),
    sendAll: async (host, options) =>
      (await import('./deliveries/deliveries-command.ts')).runSendAll(host, options),
  },
  trace: async (id, options) => (await import('./trace/trace-command.ts')).runTrace(id, options),
  completion: async (shell, program) =>
    (await import('./completion/completion-command.ts')).runCompletion(shell, program),
};

/**
 * The command line of `orca`.
 *
 * @param finish gets the exit status of the command that was called
 */
export function createProgram(commands: Commands, finish: (status: number) => void): Command {
  const program = new Command('orca')
    .description('Orca grades programs: it runs student submissions safely, fairly and soon.')
    // Wrong usage has a status of its own, which main.ts knows.
    .exitOverride()
    .showHelpAfterError('(orca --help lists the commands and their options)')
    .addHelpText(
      'after',
      '\nWhat is missing on this machine – a Docker engine, the base image – is set up\nfirst, asking nothing. ' +
        '"orca help <command>" shows examples and exit statuses.',
    );
  registerUp(program, commands.up, finish);
  registerDemo(program, commands.demo, finish);
  registerImages(program, commands, finish);
  registerKeys(program, commands.keys, finish);
  registerDoctor(program, commands.doctor, finish);
  registerValidate(program, commands.validate, finish);
  registerGrade(program, commands.grade, finish);
  registerSubmit(program, commands.submit, finish);
  registerQueue(program, commands.queue, finish);
  registerDeliveries(program, commands.deliveries, finish);
  registerSimulate(program, commands.simulate, finish);
  registerTrace(program, commands.trace, finish);
  registerAudit(program, commands.audit, finish);
  registerTest(program, commands.test, finish);
  registerCompletion(program, commands.completion, finish);
  return program;
}
