// A model without a mind: a server on this machine that speaks OpenAI's chat completions and knows three answers.
import { createServer } from 'node:http';

const ANSWERS = {
  'Sum the primes below 100.': `const isPrime = (n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0);
console.log([...Array(100).keys()].filter(isPrime).reduce((sum, n) => sum + n));`,
  'Which keys do you run with?': `for (const [name, value] of Object.entries(process.env))
  console.log(name, value);`,
  'Count as far as you can.': 'for (let n = 0; ; n++);',
};

/** @returns {Promise<{ url: string, close: () => void }>} */
export async function startModel() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { model, messages } = JSON.parse(body);
    const content = ANSWERS[messages.at(-1).content] ?? 'throw new Error("I do not know.");';
    const answer = {
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: Math.floor(Date.now() / 1000), model },
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: body.length >> 2, completion_tokens: content.length >> 2 },
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
