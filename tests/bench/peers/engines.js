// The rules of rules.json in the two engines, each built as its documentation recommends: once, and
// then run for each lead. Leads are plain objects with the fields of bantam.v1.Lead.
import {ZenEngine} from '@gorules/zen-engine';
import {Engine} from 'json-rules-engine';

// What a rule may ask about: the contact is the first one.
const context = (lead) => ({
  company: lead.company ?? {},
  contact: lead.contacts?.[0] ?? {},
  source: lead.source ?? {},
  custom: lead.custom ?? {},
});

// ---- json-rules-engine --------------------------------------------------------------------------

function conditions(rule) {
  const fact = rule.attribute;
  const all = [];
  if (rule.in) all.push({fact, operator: 'in', value: rule.in});
  if (rule.contains) all.push({fact, operator: 'contains', value: rule.contains});
  if (rule.min !== undefined) all.push({fact, operator: 'greaterThanInclusive', value: rule.min});
  if (rule.max !== undefined) all.push({fact, operator: 'lessThanInclusive', value: rule.max});
  if (rule.is !== undefined) all.push({fact, operator: 'equal', value: rule.is});
  return {all};
}

// Facts by attribute, such as 'company.country'; looking them up by name is faster than by a path
// into an object.
function facts(lead) {
  const flat = {};
  for (const [group, values] of Object.entries(context(lead))) {
    for (const [name, value] of Object.entries(values)) flat[`${group}.${name}`] = value;
  }
  return flat;
}

export function jsonRulesEngine(rules) {
  const engine = new Engine([], {allowUndefinedFacts: true});
  for (const rule of rules) {
    engine.addRule({
      conditions: conditions(rule),
      event: {type: rule.id, params: {points: rule.points}},
    });
  }
  return {
    prepare: facts,
    async total(facts) {
      const {events} = await engine.run(facts);
      return events.reduce((sum, event) => sum + event.params.points, 0);
    },
  };
}

// ---- @gorules/zen-engine ------------------------------------------------------------------------

const literal = (value) => JSON.stringify(value);

// A cell of a decision table: `$` is the value of the column's field.
function cell(rule) {
  if (rule.in) return rule.in.map(literal).join(', ');
  if (rule.contains) return `some($, # == ${literal(rule.contains)})`;
  if (rule.is !== undefined) return `${rule.is}`;
  if (rule.min === undefined) return `<= ${rule.max}`;
  return rule.max === undefined ? `>= ${rule.min}` : `[${rule.min}..${rule.max}]`;
}

// The same as an expression of its own, false where the attribute is absent.
function test(rule) {
  const value = rule.attribute;
  if (rule.in) return `${value} in [${rule.in.map(literal).join(', ')}]`;
  const known = `${value} != null`;
  if (rule.contains) return `${known} and some(${value}, # == ${literal(rule.contains)})`;
  if (rule.is !== undefined) return `${value} == ${rule.is}`;
  if (rule.min === undefined) return `${known} and ${value} <= ${rule.max}`;
  const at_least = `${known} and ${value} >= ${rule.min}`;
  return rule.max === undefined ? at_least : `${at_least} and ${value} <= ${rule.max}`;
}

const node = (id, type, content) => ({id, type, name: id, position: {x: 0, y: 0}, content});

function chain(...nodes) {
  const all = [node('request', 'inputNode', {}), ...nodes, node('response', 'outputNode', {})];
  const edges = all.slice(1).map((to, i) => (
      {id: `e${i}`, type: 'edge', sourceId: all[i].id, targetId: to.id}));
  return {contentType: 'application/vnd.gorules.decision', nodes: all, edges};
}

// A decision table with a row for each rule, that collects the points of the rows that hold; then
// their sum.
export function zenTable(rules) {
  const fields = [...new Set(rules.map((rule) => rule.attribute))];
  const table = node('rules', 'decisionTableNode', {
    hitPolicy: 'collect',
    inputs: fields.map((field) => ({id: field, name: field, type: 'expression', field})),
    outputs: [{id: 'points', name: 'points', type: 'expression', field: 'points'}],
    rules: rules.map((rule) => ({
      _id: rule.id,
      ...Object.fromEntries(fields.map((field) => [field, ''])),
      [rule.attribute]: cell(rule),
      points: `${rule.points}`,
    })),
    inputField: null,
    outputPath: 'rows',
    passThrough: false,
    executionMode: 'single',
  });
  const sum = node('sum', 'expressionNode', {
    expressions: [{id: 'total', key: 'total', value: 'sum(map(rows, #.points))'}],
  });
  return zen(chain(table, sum));
}

// One expression that adds the points up.
export function zenExpression(rules) {
  const value = rules.map((rule) => `(${test(rule)} ? ${rule.points} : 0)`).join(' + ');
  return zen(chain(
      node('score', 'expressionNode', {expressions: [{id: 'total', key: 'total', value}]})));
}

function zen(content) {
  const decision = new ZenEngine().createDecision(content);
  return {
    prepare: context,
    async total(context) {
      return (await decision.evaluate(context)).result.total;
    },
  };
}
