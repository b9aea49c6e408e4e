import { type Database, imageProgress } from '@orca/database';
import { imageSentence, ShaSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { shaOf } from '../read-parameters.ts';
import { registerPublicSentence } from './public-sentence.ts';

const SCHEMA = {
  tags: ['images'],
  summary: 'Says how far a grader image is',
  params: Type.Object({ sha: ShaSchema }),
} as const satisfies FastifySchema;

/** The public status of a grader image: how far it has come, and nothing of what is in it. */
export function registerImageStatusRoute(server: FastifyInstance, { db }: { db: Database }): void {
  registerPublicSentence(server, { path: '/grader_images/status/:sha', schema: SCHEMA }, async (params) =>
    imageSentence(await imageProgress(db, shaOf(params))),
  );
}
