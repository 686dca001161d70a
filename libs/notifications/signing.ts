import { Webhook } from 'standardwebhooks';

/** A secret that is not written as `whsec_` and base64. The message does not hold it. */
export class SigningSecretError extends Error {
  constructor() {
    super('the signing secret is not written as whsec_ and base64');
    this.name = 'SigningSecretError';
  }
}

/**
 * The headers of Standard Webhooks for one try. The time is that of the try: receivers refuse what is more than some minutes old.
 * @throws {SigningSecretError}
 */
export function signedHeaders(secret: string, id: string, payload: string, now: Date): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': webhook(secret).sign(id, now, payload),
  };
}

function webhook(secret: string): Webhook {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) throw new SigningSecretError();
  try {
    return new Webhook(secret);
  } catch {
    throw new SigningSecretError(); // the library's own message says less
  }
}
