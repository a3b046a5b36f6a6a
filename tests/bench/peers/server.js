// A Node service that answers Score of the contract with json-rules-engine: the total of
// rules.json.
//
//   node server.js PROTO_FOLDER RULES PORT_FILE
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import grpc from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';
import {jsonRulesEngine} from './engines.js';

const [protos, rulesFile, portFile] = process.argv.slice(2);
const definition = loadSync('bantam/v1/qualification_service.proto', {
  includeDirs: [protos],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: false,
  oneofs: false,
});
const {bantam} = grpc.loadPackageDefinition(definition);
const engine = jsonRulesEngine(JSON.parse(readFileSync(rulesFile)));

// Enumerations and custom attributes as the rules say them.
function plain(lead) {
  const word = (value, prefix) => value?.slice(prefix.length).toLowerCase();
  const custom = {};
  for (const [name, value] of Object.entries(lead.custom ?? {})) {
    custom[name] = Object.values(value)[0];
  }
  return {
    company: {...lead.company, technologies: lead.company?.technologies?.values},
    contacts: lead.contacts,
    source: {
      ...lead.source,
      channel: word(lead.source?.channel, 'SOURCE_CHANNEL_'),
      medium: word(lead.source?.medium, 'SOURCE_MEDIUM_'),
    },
    custom,
  };
}

async function score(call, callback) {
  const {lead, settings} = call.request;
  try {
    const total = await engine.total(engine.prepare(plain(lead)));
    callback(null, {evaluation: {icp: settings.icps[0].name, score: {total}}});
  } catch (error) {
    callback({code: grpc.status.INTERNAL, details: error.message});
  }
}

const server = new grpc.Server();
server.addService(bantam.v1.QualificationService.service, {Score: score});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  writeFileSync(`${portFile}.new`, `${port}\n`);
  renameSync(`${portFile}.new`, portFile);
});
