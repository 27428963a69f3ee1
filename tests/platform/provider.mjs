// An identity provider on this machine: discovery, keys, codes used once with PKCE, tokens signed with RS256. It knows nobody: whoever asks
// says who logs in.
import { createHash, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

export const CLIENT = 'mingjian';
export const SECRET = 'keep it: secret';

export class Provider {
  static async start() {
    const provider = new Provider();
    await new Promise((done) => provider.server.listen(0, '127.0.0.1', done));
    provider.issuer = `http://127.0.0.1:${provider.server.address().port}/realm`;
    return provider;
  }

  constructor() {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.key = privateKey;
    this.codes = new Map();
    /** What the next tokens say otherwise. */
    this.twist = {};
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Somebody logs in at the place a browser was sent to: the query it comes back with. */
  logIn(sentTo, subject, account) {
    const asked = new URL(sentTo).searchParams;
    const code = `code-${this.codes.size + 1}-${Math.random().toString(36).slice(2)}`;
    this.codes.set(code, { challenge: asked.get('code_challenge'), redirect: asked.get('redirect_uri'), nonce: asked.get('nonce'), subject, account });
    return new URLSearchParams({ code, state: asked.get('state'), iss: this.issuer });
  }

  async answer(request, response) {
    const send = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const path = request.url.replace('/realm', '');
    const at = (name) => `${this.issuer}/${name}`;
    if (path === '/.well-known/openid-configuration') {
      return send(200, { issuer: this.issuer, authorization_endpoint: at('authorize'), token_endpoint: at('token'), jwks_uri: at('keys'), authorization_response_iss_parameter_supported: true });
    }
    if (path === '/keys') return send(200, { keys: [{ ...createPublicKey(this.key).export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] });
    if (path !== '/token') return send(404, {});
    let text = '';
    for await (const piece of request) text += piece;
    const form = new URLSearchParams(text);
    const kept = this.codes.get(form.get('code'));
    this.codes.delete(form.get('code'));
    const proof = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    const basic = `Basic ${Buffer.from(`${CLIENT}:${new URLSearchParams({ x: SECRET }).toString().slice(2)}`).toString('base64')}`;
    if (request.headers.authorization !== basic) return send(401, { error: 'invalid_client' });
    if (!kept || proof !== kept.challenge || form.get('redirect_uri') !== kept.redirect) return send(400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: this.issuer, aud: CLIENT, sub: kept.subject, nonce: kept.nonce, iat: now, exp: now + 300, preferred_username: kept.account, amr: ['pwd', 'otp'], ...this.twist };
    const signed = `${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}`;
    return send(200, { access_token: 'x', token_type: 'Bearer', id_token: `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.key).toString('base64url')}` });
  }
}
