// An OpenID provider that says what a test tells it to: the same shape as a real one, and one lie.
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const b64 = (x) => Buffer.from(typeof x === "string" || Buffer.isBuffer(x) ? x : JSON.stringify(x)).toString("base64url");

const makeKey = (kid) => ({ kid, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) });
const publicJwk = ({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" });
const pem = ({ publicKey }) => publicKey.export({ type: "spki", format: "pem" });

const rs = (hash) => (text, key) => createSign(hash).update(text).sign(key.privateKey);

/**
 * `lie` may have: claims(c), header(h), sign(text, key), token(t) which change what would be true;
 * answer(res) instead of the token answer; back(params) of the redirect; jwks(res); discovery(d).
 */
export async function startLiar(id) {
  const liar = { lie: {}, asked: { jwks: 0, discovery: 0, token: 0 }, codes: new Map(), last: null, tokens: [] };
  const key = makeKey("first");
  liar.keys = [key];
  liar.key = key;
  liar.makeKey = makeKey;
  liar.pem = () => pem(liar.key);
  liar.rs512 = rs("RSA-SHA512");
  liar.rs256 = (text, by = liar.key) => rs("RSA-SHA256")(text, by);

  function idToken(ask) {
    const now = Math.floor(Date.now() / 1000);
    let claims = { iss: liar.url, aud: id, sub: ask.sub, iat: now, exp: now + 600, nonce: ask.nonce, name: "Liar", email: "liar@people.test", email_verified: true };
    if (ask.max_age !== undefined) claims.auth_time = now; // as OpenID Connect Core 2 wants it
    claims = liar.lie.claims?.(claims) ?? claims;
    const header = liar.lie.header?.({ alg: "RS256", typ: "JWT", kid: liar.key.kid }) ?? { alg: "RS256", typ: "JWT", kid: liar.key.kid };
    const text = `${b64(header)}.${b64(claims)}`;
    const mac = (liar.lie.sign ?? rs("RSA-SHA256"))(text, liar.key);
    const token = `${text}.${b64(mac)}`;
    return liar.lie.token?.(token) ?? token;
  }

  const pages = {
    "/.well-known/openid-configuration": (_req, res) => {
      liar.asked.discovery++;
      const d = {
        issuer: liar.url, authorization_endpoint: `${liar.url}/authorize`, token_endpoint: `${liar.url}/token`, jwks_uri: `${liar.url}/jwks`,
        response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256", "none", "HS256"],
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      };
      json(res, liar.lie.discovery?.(d) ?? d);
    },
    "/jwks": (_req, res) => {
      liar.asked.jwks++;
      if (liar.lie.jwks) return liar.lie.jwks(res);
      return json(res, { keys: liar.keys.map(publicJwk) });
    },
    "/authorize": (req, res) => {
      const q = Object.fromEntries(new URL(req.url, liar.url).searchParams);
      const code = randomBytes(12).toString("hex");
      liar.last = q;
      liar.codes.set(code, { ...q, sub: liar.sub ?? "liar-1" });
      const back = { code, state: q.state };
      const params = liar.lie.back?.(back) ?? back;
      res.writeHead(302, { location: `${q.redirect_uri}?${new URLSearchParams(params)}` }).end();
    },
    "/token": (req, res, body) => {
      liar.asked.token++;
      const form = Object.fromEntries(new URLSearchParams(body));
      const ask = liar.codes.get(form.code);
      liar.codes.delete(form.code);
      liar.lastToken = { form, authorization: req.headers.authorization };
      if (liar.lie.answer) return liar.lie.answer(res);
      const verified = ask && createHash("sha256").update(form.code_verifier ?? "").digest("base64url") === ask.code_challenge;
      if (!ask || !verified || form.redirect_uri !== ask.redirect_uri) return json(res, { error: "invalid_grant" }, 400);
      const token = idToken(ask);
      liar.tokens.push(token);
      return json(res, { access_token: `at-${form.code}`, token_type: "Bearer", expires_in: 600, id_token: token });
    },
  };

  const json = (res, value, status = 200) => res.writeHead(status, { "content-type": "application/json", "cache-control": "max-age=3600" }).end(JSON.stringify(value));
  const server = createServer((req, res) => {
    const parts = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", () => {
      const page = pages[new URL(req.url, "http://x").pathname];
      if (page) page(req, res, Buffer.concat(parts).toString());
      else res.writeHead(404).end();
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  liar.url = `http://127.0.0.1:${server.address().port}`;
  liar.hs256 = (secret) => (text) => createHmac("sha256", secret).update(text).digest();
  liar.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return liar;
}
