// kling-api: both kinds of video at argv[2], told as JSON.
import { KlingAPI } from 'kling-api';

const api = new KlingAPI({ accessKey: 'A'.repeat(32), secretKey: 'B'.repeat(32) });
api.client.defaults.baseURL = process.argv[2]; // Its own option takes only https.
const camera_control = { type: 'simple', config: { horizontal: 5, vertical: 0, pan: 0, tilt: 0, roll: 0, zoom: 0 } };
const wait = { pollInterval: 50, interval: 50, timeout: 10000 };
const text = await api.textToVideo({ prompt: 'a kite', model_name: 'kling-v1', cfg_scale: 0.5, aspect_ratio: '16:9', duration: '5', camera_control });
const image = await api.imageToVideo({ prompt: 'a kite', image: 'https://example.com/a.png', image_tail: 'https://example.com/b.png', model_name: 'kling-v1-6', mode: 'pro' });
const { data: done } = await api.waitForVideoResult(text.data.task_id, undefined, wait);
const { data: moved } = await api.waitForVideoResult(image.data.task_id, (id) => api.queryImageToVideoTask(id), wait);
const film = await fetch(done.task_result.videos[0].url);
const unknown = await api.queryTextToVideoTask('nope').catch((error) => [error.constructor.name, error.code]);
process.stdout.write(`\n${JSON.stringify({
  states: [text.data.task_status, done.task_status, moved.task_status], unknown,
  begins: Buffer.from(await film.arrayBuffer()).subarray(4, 8).toString(),
})}\n`);
