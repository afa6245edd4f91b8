// Lighthouse 12 on one page, as a mid phone on slow 4G (its defaults: CPU four times slower,
// 1.6 Mbit/s, 150 ms), in the system's Chromium.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

export async function openChrome(path = process.env.CHROMIUM ?? "/usr/bin/chromium") {
  return launch({ chromePath: path, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"], logLevel: "silent" });
}

/** Scores by category, what failed, and the figures of loading. */
export async function look(chrome, url, { categories = ["accessibility", "best-practices", "seo"], skip = [] } = {}) {
  const { lhr } = await lighthouse(url, { port: chrome.port, output: "json", logLevel: "silent", onlyCategories: categories, skipAudits: skip, maxWaitForLoad: 12_000, disableStorageReset: false });
  const failed = Object.values(lhr.categories).flatMap((c) =>
    c.auditRefs
      .filter((ref) => ref.weight > 0 && ref.group !== "hidden")
      .map((ref) => lhr.audits[ref.id])
      .filter((a) => a.score !== null && a.score < 0.9 && a.scoreDisplayMode !== "informative")
      .map((a) => `${c.id}/${a.id}: ${a.title} ${JSON.stringify(a.details?.items?.slice(0, 2) ?? []).slice(0, 400)}`));
  const figure = (id) => lhr.audits[id]?.numericValue;
  return {
    scores: Object.fromEntries(Object.values(lhr.categories).map((c) => [c.id, Math.round(c.score * 100)])),
    failed,
    figures: {
      fcp_ms: figure("first-contentful-paint"), lcp_ms: figure("largest-contentful-paint"), tbt_ms: figure("total-blocking-time"),
      cls: figure("cumulative-layout-shift"), tti_ms: figure("interactive"), bytes: figure("total-byte-weight"),
    },
    error: lhr.runtimeError?.message ?? null,
  };
}
