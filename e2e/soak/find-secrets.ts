import type { World } from './start-world.ts';
import { KEY_START } from './plan-jobs.ts';

/** I10: which process wrote what must stand in no log, in sentences. */
export function findSecrets({ server, builder, workers, postgres, client }: World): string[] {
  const secrets = {
    'the key of a job': KEY_START,
    'the password of the database': new URL(postgres.url).password,
    'the address for results': client.resultUrl,
  };
  return [server, builder, ...workers].flatMap((seat) =>
    Object.entries(secrets)
      .filter(([, secret]) => seat.log().includes(secret))
      .map(([what]) => `The log of the ${seat.name} holds ${what}`),
  );
}
