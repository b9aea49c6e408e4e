import { createHmac } from 'node:crypto';

/** What is signed. `id` and `body` are the same on every try, `timestampSeconds` is the try's. */
export type Webhook = { id: string; timestampSeconds: number; body: string; secrets: readonly string[] };

const SECRET_PREFIX = 'whsec_';

/**
 * The headers of Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
 *
 * @param webhook.secrets `whsec_<base64>` each; several while one is being replaced: the receiver takes any
 * @throws {TypeError} when a secret has another form; its text is not in the message
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook({ id, timestampSeconds, body, secrets }: Webhook): Record<string, string> {
  const content = `${id}.${timestampSeconds}.${body}`;
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secretBytes(secret)).update(content, 'utf8').digest('base64');
    return `v1,${mac}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}

function secretBytes(secret: string): Buffer {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0) throw new TypeError('Cannot sign with a secret: it is not whsec_ and base64');
  return bytes;
}
