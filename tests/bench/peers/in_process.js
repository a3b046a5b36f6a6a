// Times engines over the same leads and prints a line of JSON: for each, nanoseconds of processor
// time for one evaluation, and the total of every lead.
//
//   node in_process.js RULES LEADS SECONDS
import {readFileSync} from 'node:fs';
import {jsonRulesEngine, zenExpression, zenTable} from './engines.js';

const [rulesFile, leadsFile, seconds] = process.argv.slice(2);
const rules = JSON.parse(readFileSync(rulesFile));
const leads = JSON.parse(readFileSync(leadsFile));

// Of this process, all of its threads: what else the machine does is not in it.
function cpuNanoseconds() {
  const {user, system} = process.cpuUsage();
  return (user + system) * 1e3;
}

// Nanoseconds for one evaluation: rounds over all leads until the time is over. `together`: whether
// the evaluations of a round are under way at the same time.
async function time(engine, prepared, together, seconds) {
  const start = cpuNanoseconds();
  let count = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1e9) {
    if (together) {
      await Promise.all(prepared.map((lead) => engine.total(lead)));
    } else {
      for (const lead of prepared) await engine.total(lead);
    }
    count += prepared.length;
    elapsed = cpuNanoseconds() - start;
  }
  return elapsed / count;
}

const engines = {
  json_rules_engine: jsonRulesEngine(rules),
  zen_table: zenTable(rules),
  zen_expression: zenExpression(rules),
};
const result = {};
for (const [name, engine] of Object.entries(engines)) {
  const prepared = leads.map(engine.prepare);
  const totals = [];
  for (const lead of prepared) totals.push(await engine.total(lead));
  await time(engine, prepared, false, seconds / 4);  // Warms up.
  const one_by_one = await time(engine, prepared, false, seconds / 2);
  const together = await time(engine, prepared, true, seconds / 2);
  result[name] = {ns: Math.min(one_by_one, together), one_by_one, together, totals};
}
console.log(JSON.stringify(result));
process.exit(0);
