// openai-node: unwraps the webhook given on standard input as {headers, body, secret}.
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';

const { headers, body, secret } = JSON.parse(await text(process.stdin));
const { webhooks } = new OpenAI({ apiKey: 'sk-any' });
const refused = await webhooks.unwrap(body.replace('video', 'vidéo'), headers, secret).catch((error) => error.constructor.name);
console.log(JSON.stringify({ event: await webhooks.unwrap(body, headers, secret), refused }));
