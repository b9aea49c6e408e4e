import { defineSettings } from '@orca/daemon';
import { Type } from 'typebox';

/** The settings of grader images that the server and the image builder share. */
export const imageSettings = defineSettings({
  ORCA_IMAGE_FOLDER: {
    schema: Type.String({ pattern: '^/', description: 'an absolute path' }),
    default: '/var/lib/orca/images',
    doc: 'Where saved grader images lie; the server and the image builder must see the same folder.',
  },
  ORCA_BUILD_ALLOW_ADD: {
    schema: Type.Boolean(),
    default: false,
    doc: 'Let Dockerfiles ADD from other machines: the build fetches what they name, with its own network.',
  },
});
