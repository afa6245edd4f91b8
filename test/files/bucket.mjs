// A bucket for tests: miniflare's local R2 behind its S3 endpoint, which checks signatures.
//   node bucket.mjs FOLDER NAME ACCESS_KEY SECRET     prints the endpoint, ends with its stdin
import { Miniflare } from 'miniflare';

const [folder, id, accessKeyId, secretAccessKey] = process.argv.slice(2);
const mf = new Miniflare({
  host: '127.0.0.1', port: 0, modules: true, cf: false, telemetry: { enabled: false },
  script: 'export default { async fetch() { return new Response("ok"); } }',
  compatibilityDate: '2026-01-01',
  r2Persist: folder,
  r2Buckets: { BUCKET: { id, s3Credentials: { accessKeyId, secretAccessKey } } },
});
const { origin } = await mf.ready;
console.log(`${origin}/cdn-cgi/local/r2/s3`);
process.stdin.resume();
process.stdin.on('end', async () => {
  await mf.dispose();
  process.exit(0);
});
