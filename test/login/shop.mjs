// `nightmarket serve` on a free port with a data folder of its own. For tests of signing in.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { Walker } from "./issuer.mjs";

const build = resolve(process.env.NM_BUILD ?? "build/release");

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** @returns {Promise<Shop>} once it answers; `env` names the providers */
export async function startShop(port, env) {
  const shop = new Shop(port, env);
  await shop.ready();
  return shop;
}

export class Shop {
  constructor(port, env) {
    this.url = `http://127.0.0.1:${port}`;
    this.dir = mkdtempSync(join(tmpdir(), "nm-login-"));
    this.log = "";
    this.env = {
      PATH: process.env.PATH,
      ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? "",
      NM_LISTEN: `127.0.0.1:${port}`,
      NM_PUBLIC_URL: this.url,
      NM_DATA_DIR: this.dir,
      ...(process.env.DATABASE_URL ? { DATABASE_URL: process.env.DATABASE_URL } : {}),
      ...env,
    };
    this.child = spawn(join(build, "nightmarket"), ["serve"], { env: this.env, cwd: this.dir, stdio: ["ignore", "pipe", "pipe"] });
    for (const out of [this.child.stdout, this.child.stderr]) out.on("data", (text) => (this.log += text));
    this.ended = new Promise((done) => this.child.on("exit", (code, signal) => done(code ?? signal)));
  }

  async ready() {
    const end = Date.now() + 15_000;
    for (;;) {
      if (await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false)) return;
      if (this.child.exitCode !== null || Date.now() > end) throw new Error(`the shop does not answer:\n${this.log}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  }

  once(args, input = "") {
    const r = spawnSync(join(build, "nightmarket"), args, { env: this.env, cwd: this.dir, input, encoding: "utf8", timeout: 20_000 });
    if (r.status !== 0) throw new Error(`nightmarket ${args[0]}: ${r.stderr || r.error}`);
  }

  /** Moves a clock that a test cannot wait for: one statement on the shop's own database. */
  sql(statement, ...values) {
    const script = "import json,sqlite3,sys\nd=sqlite3.connect(sys.argv[1],timeout=10)\nr=d.execute(sys.argv[2],json.loads(sys.argv[3])).fetchall()\nd.commit()\nprint(json.dumps(r))";
    const r = spawnSync("python3", ["-c", script, join(this.dir, "nightmarket.db"), statement, JSON.stringify(values)], { encoding: "utf8", timeout: 20_000 });
    if (r.status !== 0) throw new Error(`${statement}: ${r.stderr}`);
    return JSON.parse(r.stdout);
  }

  async stop() {
    this.child.kill("SIGTERM");
    const code = await this.ended;
    rmSync(this.dir, { recursive: true, force: true });
    return code;
  }
}

/** A browser at the shop: who it is there, and changes as our pages send them. */
export class Visitor extends Walker {
  constructor(shop) {
    super();
    this.shop = shop;
  }

  async get(path) {
    const res = await this.go(`${this.shop.url}/api/v1${path}`);
    return { ...res, json: res.text.startsWith("{") ? JSON.parse(res.text) : null };
  }

  /** The account, or null. */
  async me() {
    const res = await this.get("/me");
    if (![200, 401].includes(res.status)) throw new Error(`${res.status} ${res.text}`);
    return res.status === 200 ? res.json : null;
  }

  async send(method, path, body, headers = {}) {
    const { csrf } = (await this.get("/sessions/current")).json;
    const res = await this.go(`${this.shop.url}/api/v1${path}`, {
      method, headers: { "content-type": "application/json", origin: this.shop.url, "x-csrf-token": csrf, ...headers }, body: body && JSON.stringify(body),
    });
    return { ...res, json: res.text.startsWith("{") ? JSON.parse(res.text) : null };
  }
}
