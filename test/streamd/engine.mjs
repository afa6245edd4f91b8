// A streamd of our own on free ports, and a receiver of its messages. For tests.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353";
export const TOKEN = "token-for-tests";

const build = process.env.NM_BUILD ?? "build/release";

/** @returns {Promise<Engine>} once it says that it listens */
export async function startEngine(env = {}, folder = mkdtempSync(join(tmpdir(), "streamd-"))) {
  const args = ["--listen", "127.0.0.1:0", "--rtmp", "127.0.0.1:0", "--rtmps", "127.0.0.1:0"];
  const child = spawn(join(build, "streamd"), [...args, "--data", folder], {
    env: { ...process.env, STREAMD_ACCOUNT: ACCOUNT, STREAMD_TOKEN: TOKEN, ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const engine = new Engine(child, folder);
  await engine.listening;
  return engine;
}

export class Engine {
  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
    this.log = "";
    this.ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    this.listening = new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8");
      child.stderr.on("data", (text) => {
        this.log += text;
        const line = /msg="listening" http=(\S+) rtmp=(\S+) rtmps=(\S+)/.exec(this.log);
        if (line) {
          [, this.http, this.rtmp, this.rtmps] = line;
          resolve();
        }
      });
      child.on("exit", () => reject(new Error(`streamd ended:\n${this.log}`)));
    });
  }

  get url() {
    return `http://${this.http}`;
  }

  get api() {
    return `${this.url}/client/v4`;
  }

  /** Raw call of the API: status and envelope. */
  async call(method, path, { body, token = TOKEN, headers = {} } = {}) {
    const answer = await fetch(this.api + path, {
      method,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, json: await answer.json() };
  }

  /** SIGTERM, and how it ended: 0 is well. */
  async stop({ keep = false } = {}) {
    this.child.kill("SIGTERM");
    const code = await this.ended;
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

/** An encoder: ffmpeg sends `seconds` of a test picture; resolves when it has ended. */
export function broadcast(url, seconds, more = []) {
  const child = spawn(
    "ffmpeg",
    ["-hide_banner", "-loglevel", "error", "-re"]
      .concat(["-f", "lavfi", "-i", "testsrc2=s=180x320:r=15", "-f", "lavfi", "-i", "sine"])
      .concat(["-t", String(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-g", "15"])
      .concat(["-pix_fmt", "yuv420p", "-c:a", "aac", ...more, "-f", "flv", url]),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = new Promise((resolve) => child.on("exit", (code) => resolve({ code, log })));
  return { child, ended };
}

/** Keeps what is posted to it; `answer` is the status it gives. */
export async function startReceiver() {
  const got = [];
  const waiting = new Set();
  const receiver = { got, answer: 200 };
  const server = createServer((req, res) => {
    let body = "";
    req.setEncoding("utf8");
    req.on("data", (text) => (body += text));
    req.on("end", () => {
      got.push({ path: req.url, headers: req.headers, body });
      res.writeHead(receiver.answer).end();
      for (const look of waiting) look();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.url = `http://127.0.0.1:${server.address().port}`;
  /** The first message that `want` likes, now or later. */
  receiver.wait = (want, ms = 30000) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = got.find(want);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no such message in ${ms} ms; got ${JSON.stringify(got)}`));
      }, ms);
      waiting.add(look);
      look();
    });
  receiver.stop = () => server.close();
  return receiver;
}

/** Ask until `fn` gives something true. */
export async function until(fn, ms = 30000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await fn();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never came true: ${fn}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
