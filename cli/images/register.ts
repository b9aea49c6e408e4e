import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption, keyOption, serverOption } from '../options.ts';

/** What every command about images can be told. */
export interface ImagesOptions {
  readonly server?: string;
  /** Secret. */
  readonly key?: string;
  readonly json: boolean;
}

/** What `orca images build` can be told. */
export interface BuildOptions extends ImagesOptions {
  /** Whether to follow the build. */
  readonly wait: boolean;
}

/** What `orca images …` does. Each returns the exit status. */
export interface ImagesCommands {
  listImages(options: ImagesOptions): Promise<number>;
  showImage(sha: string, options: ImagesOptions): Promise<number>;
  buildImage(dockerfile: string, options: BuildOptions): Promise<number>;
}

type Finish = (status: number) => void;

/** Adds `orca images` and its commands to the program. */
export function registerImages(program: Command, commands: ImagesCommands, finish: Finish): void {
  const images = program
    .command('images')
    .description('list grader images, look at one, build one of a Dockerfile')
    .addOption(serverOption())
    .addOption(keyOption('of the role staff or admin'))
    .addOption(jsonOption('print one JSON value and nothing else'))
    .configureHelp({ showGlobalOptions: true })
    .action(async (options) => finish(await commands.listImages(options)));
  giveManual(images, {
    about: 'Without a command it lists the images, those that were asked for last first.',
    exits: { 0: 'it is done', 1: 'the server does not answer, or refuses' },
    examples: [
      'orca images',
      'orca images show 5f0c',
      'orca images build grader.Dockerfile',
      'ORCA_SERVER=https://orca.example.edu ORCA_API_KEY=secret orca images build grader.Dockerfile',
    ],
  });
  addShow(images, commands, finish);
  addBuild(images, commands, finish);
}

function addShow(images: Command, { showImage }: ImagesCommands, finish: Finish): void {
  const command = images
    .command('show')
    .description('one image: its state, its builds, its Dockerfile')
    .argument('<sha>', 'the SHA-256 of its Dockerfile, or a beginning of it')
    .configureHelp({ showGlobalOptions: true })
    .action(async (sha, _, self) => finish(await showImage(sha, self.optsWithGlobals())));
  giveManual(command, {
    exits: { 0: 'it is shown', 1: 'there is no such image, or the server does not answer, or refuses' },
    usageToo: 'what cannot be a SHA-256',
    examples: ['orca images show 5f0c', 'orca images show 5f0c --json | jq .build_history'],
  });
}

function addBuild(images: Command, { buildImage }: ImagesCommands, finish: Finish): void {
  const command = images
    .command('build')
    .description('send a Dockerfile, and show its build as it goes on')
    .argument(
      '<Dockerfile>',
      'the file; it must be FROM orca-grader-base, and comes alone: there is nothing to COPY',
    )
    .option('--no-wait', 'only ask for it')
    .configureHelp({ showGlobalOptions: true })
    .action(async (path, _, self) => finish(await buildImage(path, self.optsWithGlobals())));
  giveManual(command, {
    about: 'Ctrl-C ends this command and leaves the build alone.',
    exits: {
      0: 'the image is ready (with --no-wait: it was asked for)',
      1: 'it has failed, or the server does not answer, or refuses',
      130: 'it was interrupted; the build goes on',
    },
    usageToo: 'a Dockerfile that cannot be read or is not valid',
    examples: ['orca images build grader.Dockerfile', 'orca images build grader.Dockerfile --no-wait --json'],
  });
}
