// Facebook's Graph and Apple's servers as their documents describe them, with real keys; LINE is sandboxd.
import { spawn } from "node:child_process";
import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK, jwtVerify } from "jose";

const build = resolve(process.env.NM_BUILD ?? "build/release");

async function read(req) {
  let text = "";
  for await (const part of req) text += part;
  return text;
}

async function serve(answer) {
  const server = createServer(async (req, res) => {
    const url = new URL(req.url, "http://peer");
    const form = Object.fromEntries(new URLSearchParams(await read(req)));
    const [status, body] = await answer(req.method, url, form);
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}

const hmac = (key, text) => createHmac("sha256", key).update(text);

/** Facebook's Graph. `lie` replaces fields of debug_token's data and of /me. */
export async function startGraph(app) {
  const graph = { lie: {}, calls: [], removed: [] };
  const codes = new Map();
  graph.code = (user) => {
    const code = randomUUID();
    codes.set(code, user);
    return code;
  };
  const ours = `${app.id}|${app.secret}`;
  const user = (token) => JSON.parse(Buffer.from(token.slice(5), "base64url"));
  const refuse = (code = 190) => [400, { error: { message: "no", type: "OAuthException", code } }];
  const proves = (q) => q.get("appsecret_proof") === hmac(app.secret, q.get("access_token")).digest("hex");
  const peer = await serve((method, url, form) => {
    const q = url.searchParams;
    const path = url.pathname.replace(/^\/v25\.0/, "");
    graph.calls.push({ method, path, query: url.search, form });
    if (graph.lie.status) return [graph.lie.status, {}];
    if (path === "/oauth/access_token") {
      const who = codes.get(form.code);
      codes.delete(form.code);
      if (method !== "POST" || !who || form.client_id !== app.id || form.client_secret !== app.secret || form.redirect_uri !== graph.back) return refuse(100);
      return [200, { access_token: `EAAB-${Buffer.from(JSON.stringify(who)).toString("base64url")}`, token_type: "bearer" }];
    }
    if (path === "/debug_token") {
      if (q.get("access_token") !== ours) return refuse();
      return [200, { data: { app_id: app.id, type: "USER", is_valid: true, expires_at: 0, user_id: user(q.get("input_token")).id, ...graph.lie.debug } }];
    }
    if (path === "/me") return proves(q) ? [200, { ...user(q.get("access_token")), ...graph.lie.me }] : refuse();
    const gone = /^\/(\d+)\/permissions$/.exec(path);
    if (method === "DELETE" && gone && q.get("access_token") === ours && proves(q)) {
      graph.removed.push(gone[1]);
      return [200, { success: true }];
    }
    return refuse();
  });
  /** As Facebook signs what it posts to us. */
  graph.signed = (fields, { secret = app.secret, ...more } = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const body = Buffer.from(JSON.stringify({ algorithm: "HMAC-SHA256", issued_at: now, ...fields, ...more })).toString("base64url");
    return `${hmac(secret, body).digest("base64url")}.${body}`;
  };
  return Object.assign(graph, peer);
}

/** Apple: a key for their tokens, ours for client secrets. `lie` replaces claims of the next id_token. */
export async function startApple(app) {
  const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ours = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const apple = { lie: {}, secrets: [], revoked: [], refuseSecrets: false };
  apple.privateKey = ours.privateKey.export({ type: "pkcs8", format: "pem" });
  const codes = new Map();
  apple.code = (claims) => {
    const code = randomUUID();
    codes.set(code, claims);
    return code;
  };
  const sign = (claims, { alg = "RS256", key = theirs.privateKey, kid = "AIDO1" } = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
  /** Is it a client secret that Apple would take? */
  const takes = async (form) => {
    if (apple.refuseSecrets || form.client_id !== app.id) return false;
    apple.secrets.push({ header: decodeProtectedHeader(form.client_secret), claims: decodeJwt(form.client_secret), text: form.client_secret });
    return jwtVerify(form.client_secret, ours.publicKey, { algorithms: ["ES256"], issuer: app.team, subject: app.id, audience: "https://appleid.apple.com", maxTokenAge: "180d" }).then(() => true, () => false);
  };
  const peer = await serve(async (method, url, form) => {
    const at = apple.url;
    switch (`${method} ${url.pathname}`) {
      case "GET /.well-known/openid-configuration":
        return [200, { issuer: at, authorization_endpoint: `${at}/auth/authorize`, token_endpoint: `${at}/auth/token`, revocation_endpoint: `${at}/auth/revoke`, jwks_uri: `${at}/auth/keys`, token_endpoint_auth_methods_supported: ["client_secret_post"] }];
      case "GET /auth/keys":
        return [200, { keys: [{ ...(await exportJWK(theirs.publicKey)), kid: "AIDO1", alg: "RS256", use: "sig" }] }];
      case "POST /auth/token": {
        const claims = codes.get(form.code);
        codes.delete(form.code);
        if (!(await takes(form))) return [400, { error: "invalid_client" }];
        if (!claims || form.redirect_uri !== apple.back) return [400, { error: "invalid_grant" }];
        const now = Math.floor(Date.now() / 1000);
        const id_token = await sign({ iss: at, aud: app.id, iat: now, exp: now + 600, nonce_supported: true, ...claims, ...apple.lie });
        return [200, { access_token: "a1", refresh_token: `r-${claims.sub}`, id_token, token_type: "bearer", expires_in: 3600 }];
      }
      case "POST /auth/revoke":
        if (!(await takes(form))) return [400, { error: "invalid_client" }];
        apple.revoked.push(form.token);
        return [200, {}];
    }
    return [404, {}];
  });
  /** A notice as Apple posts it. */
  apple.notice = async (type, sub, { jti = randomUUID(), as, ...more } = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const events = JSON.stringify({ type, sub, event_time: now * 1000 });
    return JSON.stringify({ payload: await sign({ iss: apple.url, aud: app.id, iat: now, jti, events, ...more }, as) });
  };
  return Object.assign(apple, peer);
}

/** sandboxd, for LINE. */
export async function startSandbox(port, env) {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(join(build, "sandboxd"), ["--listen", `127.0.0.1:${port}`], { env: { PATH: process.env.PATH, ...env }, stdio: "ignore" });
  const ended = new Promise((done) => child.on("exit", done));
  const end = Date.now() + 15_000;
  while (!(await fetch(`${url}/healthz`).then((r) => r.ok, () => false))) {
    if (child.exitCode !== null || Date.now() > end) throw new Error("sandboxd does not answer");
    await new Promise((done) => setTimeout(done, 30));
  }
  const control = async (method, path, body) => {
    const res = await fetch(`${url}/control/${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    return res.status === 204 ? null : res.json();
  };
  const stop = async () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url, control, stop };
}
