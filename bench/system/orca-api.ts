import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { GradingJobConfig } from '@orca/protocol';

/** The host of every course site here, and of Orca. */
export const CLIENT = '127.0.0.1';

/** Orca's API, with a key, over connections that are kept. */
export interface OrcaApi extends Disposable {
  /** @returns the job's id @throws {Error} when it is not taken */
  put(job: GradingJobConfig): Promise<number>;
  /** @returns the answer's JSON @throws {Error} when its status is not 200 */
  call(method: 'GET' | 'POST', route: string, body?: unknown): Promise<unknown>;
}

const OK = 200;

/** @param url where the server listens */
export function openApi(url: string, key: string): OrcaApi {
  const agent = new Agent({ keepAlive: true });
  const call = async (method: string, route: string, body?: unknown): Promise<unknown> => {
    const sent = request(new URL(route, url), { method, agent, headers: { 'x-api-key': key } });
    if (body !== undefined) {
      const text = JSON.stringify(body);
      sent.setHeader('content-type', 'application/json').setHeader('content-length', Buffer.byteLength(text));
      sent.write(text);
    }
    sent.end();
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    if (answer === undefined) throw new Error(`Cannot ${method} "${route}": there is no answer`);
    const said = await json(answer);
    if (answer.statusCode !== OK)
      throw new Error(`Cannot ${method} "${route}": ${answer.statusCode} ${JSON.stringify(said)}`);
    return said;
  };
  return {
    call,
    async put(job) {
      const said = await call('PUT', '/api/v1/grading_queue', job);
      const [, id] = /"id":(\d+)/.exec(JSON.stringify(said)) ?? [];
      if (id === undefined)
        throw new Error(`Cannot PUT a job: the answer has no id, ${JSON.stringify(said)}`);
      return Number(id);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
