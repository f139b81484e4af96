// Vercel's AI SDK with OpenRouter's provider at argv[2], told as JSON.
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { experimental_generateVideo as generateVideo } from 'ai';

const headers = { Authorization: 'Bearer sk-any' };
// By itself it fetches results without a key, and nothing from this machine.
const download = async ({ url }) => {
  const reply = await fetch(url, { headers });
  if (!reply.ok) throw new Error(`${url}: ${reply.status}`);
  return { data: new Uint8Array(await reply.arrayBuffer()), mediaType: reply.headers.get('content-type') };
};
const provider = createOpenRouter({ baseURL: process.argv[2], apiKey: 'sk-any' });
const model = provider.videoModel('google/veo-3.1', { pollIntervalMs: 50, maxPollTimeMs: 10000 });
const make = (given) => generateVideo({ model, maxRetries: 0, download, ...given });
const made = await make({ prompt: { text: 'a kite', image: 'https://example.com/a.png' }, aspectRatio: '16:9', duration: 4, seed: 7 });
const two = await make({ prompt: 'a kite', resolution: '1280x720', n: 2 });
const failed = await make({ prompt: 'a storm [fail]' }).catch((error) => error.message);
console.log(JSON.stringify({
  begins: Buffer.from(made.video.uint8Array).subarray(4, 8).toString(), type: made.video.mediaType, failed,
  metadata: made.providerMetadata.openrouter, warnings: made.warnings, two: two.videos.length,
}));
