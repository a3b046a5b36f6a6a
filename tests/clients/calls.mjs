// Calls through the functions of client/node/example.js.
//
//   calls.mjs EXAMPLE calls|bulk SERVER ICP FILE SECONDS   as calls.py
import {once} from 'node:events';
import {readFileSync} from 'node:fs';

const [path, operation, server, icp, file, seconds] = process.argv.slice(2);
const example = await import(path);
const client = example.connect(server);
const asked = example.settings(icp, '2026-01-31T00:00:00Z');

async function callAgainAndAgain() {
  let over = false;
  process.stdin.on('end', () => (over = true)).resume();
  const lead = example.toLead(JSON.parse(readFileSync(file, 'utf8').split('\n')[0]));
  while (!over) {
    const start = process.hrtime.bigint();
    const outcome = await example.qualify(client, lead, asked, Number(seconds))
                        .then(evaluation => evaluation.icp_revision)
                        .catch(error => `failed: ${example.explain(error)}`);
    const taken = Number(process.hrtime.bigint() - start) / 1e9;
    process.stdout.write(`${taken.toFixed(3)} ${outcome}\n`);
  }
}

async function bulk() {
  let number = 0;
  for await (const result of example.bulkQualify(client, file, asked)) {
    process.stdout.write(`${result.lead_id} ${result.evaluation.icp_revision}\n`);
    if (number === 0) await once(process.stdin, 'data');
    number += 1;
  }
  process.stdin.destroy();
}

await (operation === 'bulk' ? bulk() : callAgainAndAgain());
client.close();
