// openai-node: a video's whole life at argv[2], told as JSON.
import { createHash } from 'node:crypto';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'sk-any', maxRetries: 0 });
const { videos } = client;
const clip = await toFile(Buffer.from('000000186674797069736f6d', 'hex'), 'clip.mp4', { type: 'video/mp4' });
const refused = (call) => call.then(() => null, (error) => [error.constructor.name, error.code]);
const ended = async (id) => {
  for (let asked = 0; asked < 200; asked++) {
    const video = await videos.retrieve(id);
    if (!['queued', 'in_progress'].includes(video.status)) return video;
    await new Promise((wake) => setTimeout(wake, 50));
  }
};
const sha = async (reply) => createHash('sha256').update(Buffer.from(await reply.arrayBuffer())).digest('hex');

const made = await videos.create({ prompt: 'a kite', model: 'sora-2-pro', seconds: '8', size: '1280x720' });
for (const input_reference of [clip, { image_url: 'https://example.com/a.png' }, { file_id: 'file-1' }])
  await videos.create({ prompt: 'a kite', input_reference });
const done = await ended(made.id);
const remix = await videos.remix(made.id, { prompt: 'more wind' });
const edits = [await videos.edit({ prompt: 'e', video: clip }), await videos.edit({ prompt: 'e', video: { id: made.id } })];
const longer = [
  await videos.extend({ prompt: 'e', seconds: '4', video: clip }),
  await videos.extend({ prompt: 'e', seconds: '4', video: { id: made.id } }),
];
const character = await videos.createCharacter({ name: 'Pebble', video: clip });
const listed = [];
for await (const video of videos.list({ limit: 2 })) listed.push(video.id);
const types = [];
for (const variant of ['video', 'thumbnail', 'spritesheet'])
  types.push((await videos.downloadContent(made.id, { variant })).headers.get('content-type'));
const streamed = createHash('sha256');
for await (const chunk of (await videos.downloadContent(made.id)).body) streamed.update(chunk);

console.log(JSON.stringify({
  made, done, remix, types, edits: edits.map(({ size }) => size), longer: longer.map(({ seconds }) => seconds),
  listed: [listed.length, new Set(listed).size],
  character: (await videos.getCharacter(character.id)).name,
  sums: [await sha(await videos.downloadContent(made.id)), streamed.digest('hex')],
  models: (await client.models.list()).data.map(({ id }) => id),
  wrong: await refused(videos.create({ prompt: 'a kite', seconds: '5' })),
  unknown: await refused(videos.retrieve('a/b%c')),
  deleted: await videos.delete(made.id),
}));
