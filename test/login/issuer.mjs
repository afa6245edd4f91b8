// Real OpenID providers for tests: npm's oidc-provider with its own development pages.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

/** Whoever types a name at the provider is that name; the e-mail follows from it. */
async function findAccount(_ctx, id) {
  const claims = { sub: id, name: `${id} 的名字`, email: `${id}@people.test`, email_verified: true };
  return { accountId: id, claims: async () => claims };
}

/** Nobody is asked twice: what a client may know is granted with the name. */
async function loadExistingGrant(ctx) {
  const { client, session, provider } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
}

async function makeKeys() {
  const pairs = await Promise.all(["RS256", "ES256"].map((alg) => generateKeyPair(alg, { extractable: true })));
  return { keys: await Promise.all(pairs.map((pair) => exportJWK(pair.privateKey))) };
}

/**
 * Starts a provider on a free port.
 * @param {{id: string, secret: string, alg: string, back: string, post?: boolean}[]} clients `back` is the redirect URI
 */
export async function startIssuer(clients) {
  let answer = (_req, res) => res.writeHead(503).end();
  const server = createServer((req, res) => answer(req, res));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    jwks: await makeKeys(),
    findAccount,
    loadExistingGrant,
    conformIdTokenClaims: false, // name and e-mail are in the id_token, as the big ones have it
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "HS256"] },
    pkce: { required: () => true },
    ttl: { Session: 600, Grant: 600, IdToken: 600, AccessToken: 600, Interaction: 600, AuthorizationCode: 60 },
    cookies: { keys: ["only for tests"] },
    clients: clients.map(({ id, secret, alg, back, post }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [back],
      id_token_signed_response_alg: alg,
      token_endpoint_auth_method: post ? "client_secret_post" : "client_secret_basic",
    })),
  });
  const errors = [];
  for (const name of ["server_error", "grant.error", "authorization.error"]) provider.on(name, (_ctx, e) => errors.push(`${name}: ${e.error_description ?? e.message}`));
  answer = provider.callback();
  return {
    url,
    errors,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A browser without a screen: cookies by host, redirects one at a time. */
export class Walker {
  constructor(headers = {}) {
    this.jars = new Map();
    this.headers = headers;
  }

  jar(url) {
    const { host } = new URL(url);
    if (!this.jars.has(host)) this.jars.set(host, new Map());
    return this.jars.get(host);
  }

  async go(url, options = {}) {
    const jar = this.jar(url);
    const cookie = [...jar].map(([k, v]) => `${k}=${v}`).join("; ");
    const res = await fetch(url, { redirect: "manual", ...options, headers: { ...(cookie ? { cookie } : {}), ...this.headers, ...options.headers } });
    for (const line of res.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      const gone = /max-age=0\b/i.test(line) || /expires=Thu, 01 Jan 1970/i.test(line);
      if (gone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { status: res.status, to: res.headers.get("location") && new URL(res.headers.get("location"), url).href, headers: res.headers, text: await res.text() };
  }

  /** Follows redirects until `stop` says so, or one comes that is none. Gives the last answer with its address. */
  async follow(url, stop) {
    let at = url;
    for (let i = 0; i < 12; i++) {
      if (stop(at)) return { url: at };
      const res = await this.go(at);
      if (!res.to) return { url: at, ...res };
      at = res.to;
    }
    throw new Error(`redirected without end: ${at}`);
  }
}

/** Types a name at the provider; gives the address that it sends the browser back to. */
export async function signInAt(walker, authorize, login, back) {
  const home = (at) => at.startsWith(back);
  const page = await walker.follow(authorize, home);
  if (home(page.url)) return page.url;
  const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
  if (!action) throw new Error(`no form at ${page.url}: ${page.status} ${page.text.slice(0, 300)}`);
  const body = new URLSearchParams({ prompt: "login", login, password: "any" });
  const sent = await walker.go(new URL(action, page.url).href, { method: "POST", body });
  return (await walker.follow(sent.to, home)).url;
}
