// A sandboxd of our own on a free port, and a shop's end for its messages. For tests.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";

const build = process.env.NM_BUILD ?? "build/release";

/** @returns {Promise<Sandbox>} once it says that it listens */
export async function startSandbox(env = {}) {
  const child = spawn(join(build, "sandboxd"), ["--listen", "127.0.0.1:0"], {
    env: { PATH: process.env.PATH, ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? "", ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const sandbox = new Sandbox(child);
  await sandbox.listening;
  return sandbox;
}

export class Sandbox {
  constructor(child) {
    this.child = child;
    this.log = "";
    this.ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    this.listening = new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8");
      child.stderr.on("data", (text) => {
        this.log += text;
        const line = /msg="listening" http=(\S+)/.exec(this.log);
        if (line) {
          this.url = `http://${line[1]}`;
          this.port = Number(line[1].split(":").at(-1));
          resolve();
        }
      });
      child.on("exit", () => reject(new Error(`sandboxd ended:\n${this.log}`)));
    });
  }

  /** A call of /control: status and, if there is one, the JSON of the answer. */
  async control(method, path, body) {
    const answer = await fetch(`${this.url}/control/${path}`, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : undefined };
  }

  async fault(fault) {
    const { status } = await this.control("POST", "faults", fault);
    if (status !== 204) throw new Error(`fault refused: ${status}`);
  }

  async deliveries(ref) {
    return (await this.control("GET", `state?ref=${ref}`)).json.deliveries;
  }

  /** SIGTERM, and how it ended: 0 is well. */
  async stop() {
    this.child.kill("SIGTERM");
    return this.ended;
  }
}

/** The shop's end: keeps what comes, answers with `status` and `answer`. */
export async function startShop() {
  const shop = { got: [], status: 200, answer: "", waiting: [] };
  const server = createServer((req, res) => {
    const parts = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", () => {
      shop.got.push({ path: req.url, headers: req.headers, body: Buffer.concat(parts) });
      res.writeHead(shop.status).end(shop.answer);
      for (const look of shop.waiting.splice(0)) look();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  shop.url = `http://127.0.0.1:${server.address().port}`;
  shop.stop = () => server.close();
  /** Resolves with the first message that `wanted` likes, past or to come. */
  shop.message = async (wanted) => {
    for (;;) {
      const found = shop.got.find(wanted);
      if (found) return found;
      await new Promise((resolve) => shop.waiting.push(resolve));
    }
  };
  return shop;
}
