// @openrouter/sdk: a video's whole life at argv[2], told as JSON.
import { OpenRouter } from '@openrouter/sdk';

const client = new OpenRouter({ apiKey: 'sk-any', serverURL: process.argv[2], retryConfig: { strategy: 'none' } });
const { videoGeneration } = client;
const refused = (call) => call.then(() => null, (error) => [error.constructor.name, error.error?.code]);
const url = (kind) => ({ type: `${kind}_url`, [`${kind}Url`]: { url: `https://example.com/a.${kind}` } });
let job = await videoGeneration.generate({ videoGenerationRequest: {
  model: 'google/veo-3.1', prompt: 'a kite', aspectRatio: '16:9', resolution: '720p', duration: 4, seed: 7,
  generateAudio: true, frameImages: [{ ...url('image'), frameType: 'first_frame' }],
  inputReferences: ['image', 'video', 'audio'].map(url),
  provider: { options: { googleVertex: { negativePrompt: 'rain' } } }, user: 'u', sessionId: 's',
} });
const { id } = job;
const early = await refused(videoGeneration.getVideoContent({ jobId: id }));
for (let asked = 0; asked < 200 && !['completed', 'failed'].includes(job.status); asked++) {
  await new Promise((wake) => setTimeout(wake, 50));
  job = await videoGeneration.getGeneration({ jobId: id });
}
const chunks = [];
for await (const chunk of await videoGeneration.getVideoContent({ jobId: id })) chunks.push(chunk);
console.log(JSON.stringify({
  id, job, early, begins: Buffer.concat(chunks).subarray(4, 8).toString(),
  models: (await videoGeneration.listVideosModels()).data.length,
  unknown: await refused(videoGeneration.getGeneration({ jobId: 'a/b%c' })),
  wrong: await refused(videoGeneration.generate({ videoGenerationRequest: { model: 'google/veo-3.1', prompt: 'x', duration: 0.5 } })),
}));
