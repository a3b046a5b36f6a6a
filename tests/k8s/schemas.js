// Holds Kubernetes objects against their schemas, unknown keys included.
//
//   node schemas.js FOLDER < objects.json > problems.json
//
// FOLDER is where package.json was installed. The input is a list of objects; the output a list,
// for each object, of its problems.
//
// The schemas come as validators that look at each key they know, and accept any others. So an
// object is given to them in a wrapping that notes which keys they look at: a key that nobody looked
// at is one that the schema does not know.
'use strict';

const fs = require('fs');
const path = require('path');
const {createRequire} = require('module');

const PACKAGES = [
  'kubernetes-models', '@kubernetes-models/cert-manager', '@kubernetes-models/prometheus-operator'
];
const load = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));

// The model of an object, or null if no package has it.
function findModel(apiVersion, kind) {
  for (const name of PACKAGES) {
    try {
      const model = load(`${name}/${apiVersion}`)[kind];
      if (model) return model;
    } catch (error) {
      if (!['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(error.code)) throw error;
    }
  }
  return null;
}

// `value` in a wrapping; for each object within, its path, its keys and those that were read are
// added to `watched`.
function watch(value, where, watched) {
  if (value === null || typeof value !== 'object') return value;
  const isList = Array.isArray(value);
  const copy = isList ? [] : {};
  for (const key of Object.keys(value)) {
    copy[key] = watch(value[key], isList ? `${where}[${key}]` : `${where}.${key}`, watched);
  }
  const read = new Set();
  if (!isList) watched.push({where, keys: Object.keys(copy), read});
  return new Proxy(copy, {
    get(target, key) {
      read.add(key);
      return target[key];
    }
  });
}

function problemsOf(object) {
  const model = findModel(object.apiVersion, object.kind);
  if (!model) return [`no schema of ${object.apiVersion} ${object.kind} is known`];
  const watched = [];
  try {
    model.prototype.validate.call(watch(object, '', watched));
  } catch (error) {
    return [error.message];
  }
  const problems = [];
  for (const {where, keys, read} of watched) {
    for (const key of keys) {
      if (!read.has(key)) problems.push(`${where}: unknown key '${key}'`);
    }
  }
  return problems;
}

const objects = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(objects.map(problemsOf)));
