import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { signWebhook } from './sign-webhook.ts';

// The vector that the libraries of Standard Webhooks test themselves with.
const VECTOR = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
};
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('signWebhook() gives the signature of the Standard Webhooks test vector', () => {
  assert.deepEqual(signWebhook({ ...VECTOR, secrets: [SECRET] }), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signWebhook() signs with each secret while one is being replaced', () => {
  const other = Buffer.from('another secret, 24 bytes').toString('base64');
  const headers = signWebhook({ ...VECTOR, secrets: [`whsec_${other}`, SECRET] });
  const content = `${VECTOR.id}.${VECTOR.timestampSeconds}.${VECTOR.body}`;
  const mac = createHmac('sha256', 'another secret, 24 bytes').update(content).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${mac} v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=`);
});

test('signWebhook() signs the bytes of the body, not its characters', () => {
  const body = '{"stdout":"naïve ✓ 😀"}';
  const mac = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(Buffer.from(`${VECTOR.id}.${VECTOR.timestampSeconds}.${body}`, 'utf8'))
    .digest('base64');
  assert.equal(signWebhook({ ...VECTOR, body, secrets: [SECRET] })['webhook-signature'], `v1,${mac}`);
});

test('signWebhook() refuses a secret of another form without repeating it', () => {
  for (const secret of ['', 'whsec_', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']) {
    assert.throws(
      () => signWebhook({ ...VECTOR, secrets: [secret] }),
      (error: unknown) => error instanceof TypeError && (secret === '' || !error.message.includes('MfKQ9')),
    );
  }
});
