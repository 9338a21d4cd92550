// Microseconds of CPU a text takes: node libs/data-policy/bench/detect.mjs [FILE of JSON lines with a text `a` or `prompt`]
import { readFileSync } from 'node:fs';
import { loadBundled } from './load.mjs';

const rounds = 15;

/** Microseconds of CPU a call, of the quickest round: others may be using the machine. */
function measure(inputs, act) {
  const calls = Math.max(inputs.length, 2_000);
  const perCall = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) act(inputs[i % inputs.length]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  });
  return Math.min(...perCall).toFixed(2);
}

const { detectSensitive, createRedactor, inspectChat, redactChat } = await loadBundled('libs/data-policy/src/index.ts');
const prose = 'The report describes how the team moved its services to another region, what broke on the way and why. ';
const twoKilobytes = (text) => text.repeat(40).slice(0, 2_048);
const variants = (text) =>
  Array.from(
    { length: 200 },
    (_, i) => `${text.slice(0, 1_900)}${String.fromCharCode(97 + (i % 26))}${text.slice(1_901)}`,
  );

const plain = variants(twoKilobytes(prose));
const numbers = variants(
  twoKilobytes('In 2023 revenue rose 12% to $4.5 million, from 3,900 to 4,125 orders; see table 3: a, b. '),
);
const code = variants(
  twoKilobytes('const total = items.map((item) => item.price * item.count).reduce((a, b) => a + b, 0); // x: y\n'),
);
const digits = variants(twoKilobytes('id 8271938471 ok, 12345678-90 and 2024-11-27 00:04 or 1732665851123. '));
const sensitive = variants(
  `${twoKilobytes(prose).slice(0, 1_800)} jane@example.com, +49 30 23125 014, 4111 1111 1111 1111, DE89370400440532013000 `,
);
// As bodies are: read from JSON, so that strings are flat.
const chats = plain.map((text) =>
  JSON.parse(
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'system', content: text.slice(0, 1_000) },
        { role: 'user', content: [{ type: 'text', text: text.slice(1_000) }] },
      ],
    }),
  ),
);

const rows = {
  '2 KB of prose': measure(plain, detectSensitive),
  '2 KB of prose with figures': measure(numbers, detectSensitive),
  '2 KB of code': measure(code, detectSensitive),
  '2 KB full of long numbers': measure(digits, detectSensitive),
  '2 KB of prose, then an e-mail address, a phone, a card, an IBAN': measure(sensitive, detectSensitive),
  'the same, redacted': measure(sensitive, (text) => createRedactor().redact(text)),
  'inspectChat, 2 KB of prose': measure(chats, inspectChat),
  'redactChat, 2 KB of prose': measure(chats, (body) => redactChat(body)),
};
if (process.argv[2]) {
  const texts = readFileSync(process.argv[2], 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  rows['texts of the file'] = measure(
    texts.map(({ a, prompt }) => a ?? prompt),
    detectSensitive,
  );
}
for (const [name, microseconds] of Object.entries(rows)) console.log(`${microseconds.padStart(9)} µs  ${name}`);
