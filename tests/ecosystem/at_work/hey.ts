// The SDK that hey-api made of our document: a video's life at argv[2].
import { client } from './sdk/client.gen';
import * as api from './sdk/sdk.gen';

declare const process: { argv: string[] };
client.setConfig({ baseUrl: process.argv[2], auth: 'sk-any', throwOnError: true });

const { data: made } = await api.createVideo({ body: { prompt: 'a kite', seconds: '4', input_reference: { file_id: 'file-1' } }, throwOnError: true });
const path = { video_id: made.id };
let status: string = made.status;
for (let asked = 0; asked < 200 && status !== 'completed'; asked++) {
  await new Promise((wake) => setTimeout(wake, 50));
  status = (await api.getVideo({ path, throwOnError: true })).data.status;
}
const film = (await api.retrieveVideoContent({ path, throwOnError: true })).data as Blob;
const video = new File([film], 'clip.mp4', { type: 'video/mp4' });
await api.createVideoEdit({ body: { prompt: 'e', video: { id: made.id } }, throwOnError: true });
await api.createVideoCharacter({ body: { name: 'Pebble', video }, throwOnError: true });
await api.deleteVideo({ path, throwOnError: true });
console.log(status, await film.slice(4, 8).text());
