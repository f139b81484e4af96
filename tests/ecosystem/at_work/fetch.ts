// openapi-fetch with the types that openapi-typescript made of our document: a video's life at argv[2].
import createClient from 'openapi-fetch';
import type { paths } from './types';

declare const process: { argv: string[] };
const api = createClient<paths>({ baseUrl: process.argv[2], headers: { Authorization: 'Bearer sk-any' } });

const made = await api.POST('/videos', { body: { model: 'google/veo-3.1', prompt: 'a kite', duration: 4 } });
if (made.error) throw new Error(made.error.error.message);
const params = { path: { jobId: made.data.id } };
let status: string = made.data.status;
for (let asked = 0; asked < 200 && status !== 'completed'; asked++) {
  await new Promise((wake) => setTimeout(wake, 50));
  status = (await api.GET('/videos/{jobId}', { params })).data?.status ?? 'lost';
}
const film = await api.GET('/videos/{jobId}/content', { params, parseAs: 'blob' });
console.log(status, await (film.data as unknown as Blob).slice(4, 8).text());
