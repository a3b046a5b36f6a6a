#!/usr/bin/env node
// Asks Bantam about leads: one of them, a batch, or a whole file. README.md says how to run it.
//
//   example.js qualify FILE     the first lead of FILE: score, verdict, what to do next
//   example.js batch FILE       all its leads, in one call
//   example.js bulk FILE        all its leads, however many, through a stream
//
// FILE holds one record of a customer database (JSON) on each line; toLead() turns it into a Lead.
import {once} from 'node:events';
import {createReadStream, readFileSync, realpathSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import grpc from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';

// The contract, read at start; a copy of the project's folder proto/ does as well.
const protos = process.env.BANTAM_PROTO ?? fileURLToPath(new URL('../../proto', import.meta.url));
const contract = loadSync(
    ['bantam/v1/qualification_service.proto', 'bantam/v1/error_details.proto'],
    {includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true});
const {bantam} = grpc.loadPackageDefinition(contract);

// Every call has a deadline: the server stops working on it then, and the caller stops waiting.
const CALL_SECONDS = 5;
const BULK_SECONDS = 3600;
// At most 64 leads may stand in one message of the stream.
const CHUNK_LEADS = 64;
// How often in a row a stream may break before we give up.
const BULK_ATTEMPTS = 5;
// Where the server asks for a longer pause before the next attempt, we give up as well.
const MAX_PAUSE_SECONDS = 60;

// The server may be away for a moment (UNAVAILABLE), end while a call is on its way (CANCELLED; nobody
// sees it if we cancel), or have too much to do (RESOURCE_EXHAUSTED). Nothing else gets better by
// asking again.
const RETRYABLE =
    [grpc.status.UNAVAILABLE, grpc.status.CANCELLED, grpc.status.RESOURCE_EXHAUSTED];

// What gRPC does by itself. It spreads calls over all addresses that the name stands for, and repeats
// those that may be repeated: these methods change nothing, and the same request has the same answer.
// (Never list methods that change something, such as SaveIcp, without having read how to repeat them
// in proto/README.md.) Where the server says how long to wait (grpc-retry-pushback-ms), gRPC does.
const SERVICE_CONFIG = {
  loadBalancingConfig: [{round_robin: {}}],
  methodConfig: [{
    name: ['Score', 'Qualify', 'Advance', 'BatchScore', 'BatchQualify', 'BatchAdvance'].map(
        method => ({service: 'bantam.v1.QualificationService', method})),
    retryPolicy: {
      maxAttempts: 5,          // The first one included.
      initialBackoff: '0.1s',  // Each pause is random, up to this, which then doubles.
      maxBackoff: '2s',
      backoffMultiplier: 2,
      retryableStatusCodes: ['UNAVAILABLE', 'CANCELLED', 'RESOURCE_EXHAUSTED'],
    },
  }],
  // While most calls fail, repeating them would only make things worse.
  retryThrottling: {maxTokens: 1000, tokenRatio: 0.1},
};

const CHANNEL_OPTIONS = {
  'grpc.service_config': JSON.stringify(SERVICE_CONFIG),
  // Finds connections that died without a word, while calls wait on them.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

// A client of `server`; make one and keep it, since it holds the connections.
//
// With tls.ca (file in PEM) it is encrypted; tls.cert and tls.key are this caller's own
// certificate, tls.tokenFile holds its token. tls.serverName is what the server's certificate says,
// where `server` is a list of addresses. Without tls.ca these are refused: whoever names one does
// not mean to send leads in plaintext.
export function connect(server, tls = {}) {
  if (!tls.ca && (tls.cert || tls.key || tls.tokenFile || tls.serverName)) {
    throw new Error('a certificate, key, token or server name is for TLS, which needs --tls-ca; ' +
                    'nothing was sent');
  }
  if (!tls.cert !== !tls.key) throw new Error('--tls-cert and --tls-key go together');
  const options = {...CHANNEL_OPTIONS};
  let credentials = grpc.credentials.createInsecure();
  if (tls.ca) {
    const read = file => (file ? readFileSync(file) : null);
    credentials = grpc.credentials.createSsl(read(tls.ca), read(tls.key), read(tls.cert));
    if (tls.tokenFile) {
      const metadata = new grpc.Metadata();
      metadata.set('authorization', `Bearer ${readFileSync(tls.tokenFile, 'utf8').trim()}`);
      credentials = grpc.credentials.combineChannelCredentials(
          credentials,
          grpc.credentials.createFromMetadataGenerator((_, done) => done(null, metadata)));
    }
    if (tls.serverName) {
      options['grpc.ssl_target_name_override'] = tls.serverName;
      options['grpc.default_authority'] = tls.serverName;
    }
  }
  return new bantam.v1.QualificationService(server, credentials, options);
}

// A record as our customer database has it → a Lead. This is the part that you write.
//
// What is not known is left out: absent is neither zero nor "no".
export function toLead(record) {
  if (!record.id) throw new Error("'id' is missing");
  const lead = {
    id: record.id,
    company: {
      name: record.company,
      industry: record.industry,
      employee_count: record.employees,
      country: record.country,
    },
    contacts: [],
    events: (record.events ?? []).map(({type, time}) => ({type, time: timestamp(time)})),
    evidence: [],
  };
  const {contact, budget} = record;
  if (contact) lead.contacts.push({id: contact.id, title: contact.title});
  if (contact?.role) {
    lead.evidence.push({contact_id: contact.id, authority: {role: contact.role}});
  }
  if (budget) {
    lead.evidence.push({
      budget: {
        amount: {currency_code: budget.currency, units: budget.amount},
        approval: budget.approved ? 'BUDGET_APPROVAL_APPROVED' : 'BUDGET_APPROVAL_PENDING',
      },
    });
  }
  if (record.need) lead.evidence.push({need: {need: record.need}});
  if (record.purchase) {
    lead.evidence.push({timeline: {planned_purchase_time: timestamp(record.purchase)}});
  }
  return lead;
}

// RFC 3339 → google.protobuf.Timestamp, which proto-loader does not convert.
//
// Date.parse() would take other forms as well, and what has no zone as being in this machine's.
function timestamp(text) {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const milliseconds = form.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds)) {
    throw new Error(`'${text}' is not an instant such as 2026-06-01T10:00:00Z`);
  }
  const seconds = Math.floor(milliseconds / 1000);
  return {seconds, nanos: (milliseconds - seconds * 1000) * 1e6};
}

// What leads are evaluated against: one ICP, as of now or of the instant `at` (RFC 3339).
export function settings(icp, at) {
  return {icps: [{name: icp}], evaluate_time: at && timestamp(at), omit_trace: true};
}

// Calls `method` and waits for the answer.
function call(client, method, request, seconds) {
  const deadline = Date.now() + seconds * 1000;
  return new Promise((resolve, reject) => {
    client[method](request, {deadline}, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

// One lead. Gives its Evaluation.
export async function qualify(client, lead, asked, seconds = CALL_SECONDS) {
  return (await call(client, 'Qualify', {lead, settings: asked}, seconds)).evaluation;
}

// Up to 1000 leads. Gives a LeadResult for each: a lead with a mistake has an error of its own.
export async function batchQualify(client, leads, asked, seconds = CALL_SECONDS) {
  return (await call(client, 'BatchQualify', {leads, settings: asked}, seconds)).results;
}

// All leads of a file, however many. Yields a LeadResult for each, in the file's order.
//
// gRPC does not repeat a stream that has begun to answer, but we can: each chunk is answered by one
// message, so a new stream goes on after the last one that was. A file that cannot be read on
// throws what is wrong with it, after the answers to what was sent.
export async function* bulkQualify(client, file, asked) {
  let answered = 0;
  let failures = 0;
  for (;;) {
    let unread;
    const stream = client.BulkEvaluate({deadline: Date.now() + BULK_SECONDS * 1000});
    sendChunks(stream, file, answered, asked).catch(error => {
      unread = error;
      stream.end();
    });
    try {
      for await (const response of stream) {
        answered = response.number + 1;
        failures = 0;
        yield* response.results;
      }
      if (!unread) return;
    } catch (error) {
      failures += 1;
      const repeatable = RETRYABLE.includes(error.code) || endedWhileWriting(error);
      const pause = pauseAfter(failures, error);
      if (!repeatable || failures === BULK_ATTEMPTS || pause === null) throw error;
      await sleep(pause);
      continue;
    } finally {
      stream.cancel();  // Where it is over already, this does nothing.
    }
    throw unread;
  }
}

// Milliseconds to wait after so many failures in a row: what the server asks for, else at random,
// so that not all come back at once. null: too long, or the server wants no further attempt.
function pauseAfter(failures, error) {
  const [asked] = error.metadata?.get('grpc-retry-pushback-ms') ?? [];
  if (!/^-?\d+$/.test(asked)) return Math.random() * 200 * 2 ** failures;
  const pause = Number(asked);
  return pause >= 0 && pause <= MAX_PAUSE_SECONDS * 1000 ? pause : null;
}

// Whether the server's end of a stream crossed something that we sent. grpc-js says that so.
function endedWhileWriting(error) {
  return error.code === grpc.status.INTERNAL && /^Write error/.test(error.details ?? '');
}

// Sends into a stream: what to do, then the chunks of the file from number `first` on.
async function sendChunks(stream, file, first, asked) {
  const over = once(stream, 'close').catch(() => {});  // The reader is told why.
  const send = async message => {
    // False: the server is slower than we are.
    if (!stream.write(message)) await Promise.race([once(stream, 'drain').catch(() => {}), over]);
  };
  await send({start: {operation: 'BULK_OPERATION_QUALIFY', settings: asked}});
  let number = 0;
  for await (const leads of chunks(file)) {
    if (stream.destroyed) return;
    if (number >= first) await send({chunk: {number, leads}});
    number += 1;
  }
  stream.end();
}

// The leads of a file; blank lines are skipped. An error names the line that is no record.
async function* readLeads(file) {
  let number = 0;
  for await (const line of createInterface({input: createReadStream(file), crlfDelay: Infinity})) {
    number += 1;
    if (!line.trim()) continue;
    let lead;
    try {
      lead = toLead(JSON.parse(line));
    } catch (error) {
      throw new Error(`${file}:${number}: ${error.message}`, {cause: error});
    }
    yield lead;
  }
}

async function* chunks(file) {
  let chunk = [];
  for await (const lead of readLeads(file)) {
    chunk.push(lead);
    if (chunk.length === CHUNK_LEADS) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function collect(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

// A failed call, for people: its code, and what is wrong with which field, or else the message.
export function explain(error) {
  const found = [];
  const [details] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (details) {
    for (const detail of contract['bantam.v1.RpcStatus'].deserialize(details).details) {
      if (!detail.type_url.endsWith('/google.rpc.BadRequest')) continue;
      const bad = contract['bantam.v1.BadRequest'].deserialize(detail.value);
      found.push(...bad.field_violations.map(each => `\n  ${each.field}: ${each.description}`));
    }
  }
  return `${grpc.status[error.code]}:${found.join('') || ` ${error.details}`}`;
}

// An answer in one line: verdict, score, label, and the next action.
export function summary({verdict, score, qualification}) {
  const points = score ? `${score.total.toFixed(2)} ${score.label}` : '-';
  const next = qualification?.actions[0];
  return `${verdict.replace('VERDICT_', '')} ${points}` + (next ? `, next: ${next.title}` : '');
}

// Prints a line for each lead. Returns whether all had an answer.
async function show(results) {
  let good = true;
  for await (const {lead_id, error, evaluation} of results) {
    if (error) good = false;
    console.log(`${lead_id}: ${error ? error.message : summary(evaluation)}`);
  }
  return good;
}

const USAGE = `usage: example.js qualify|batch|bulk FILE, which holds a record in JSON on each line
  --server ADDRESS    dns:///NAME:PORT (all its addresses), or ipv4:A:PORT,B:PORT; 127.0.0.1:7770
  --icp NAME          tenants/sample/icps/b2b-software
  --at TIME           evaluate as of this instant, such as 2026-06-01T10:00:00Z
  --deadline SECONDS  positive number of them that a call may take (not bulk); 5
  --tls-ca FILE       PEM file of who signs the server's certificate
  --tls-cert FILE     PEM file of our certificate
  --tls-key FILE      PEM file of its key
  --token-file FILE   file that holds our token (with TLS only)
  --server-name NAME  name in the server's certificate, if not in --server`;

function parseArguments() {
  const flags = ['server', 'icp', 'at', 'deadline', 'tls-ca', 'tls-cert', 'tls-key', 'token-file',
    'server-name'];
  try {
    const {values, positionals} = parseArgs({
      allowPositionals: true,
      options: Object.fromEntries(flags.map(flag => [flag, {type: 'string'}])),
    });
    const [operation, file] = positionals;
    const seconds = Number(values.deadline ?? CALL_SECONDS);
    if (!(seconds > 0 && seconds < Infinity)) {  // Nor is NaN.
      throw new Error(`--deadline must be a positive number of seconds, not ${values.deadline}`);
    }
    if (positionals.length === 2 && ['qualify', 'batch', 'bulk'].includes(operation)) {
      return {operation, file, seconds, ...values};
    }
  } catch (error) {
    console.error(error.message);
  }
  console.error(USAGE);
  process.exit(2);
}

async function main() {
  const {operation, file, seconds, ...flags} = parseArguments();
  let client;
  try {
    const asked = settings(flags.icp ?? 'tenants/sample/icps/b2b-software', flags.at);
    client = connect(flags.server ?? '127.0.0.1:7770', {
      ca: flags['tls-ca'],
      cert: flags['tls-cert'],
      key: flags['tls-key'],
      tokenFile: flags['token-file'],
      serverName: flags['server-name'],
    });
    if (operation === 'qualify') {
      const {value: lead} = await readLeads(file).next();
      if (!lead) throw new Error(`${file} is empty`);
      console.log(`${lead.id}: ${summary(await qualify(client, lead, asked, seconds))}`);
    } else {
      const results = operation === 'bulk' ?
          bulkQualify(client, file, asked) :
          await batchQualify(client, await collect(readLeads(file)), asked, seconds);
      if (!await show(results)) process.exitCode = 1;
    }
  } catch (error) {
    console.error(error.code in grpc.status ? explain(error) : error.message);
    process.exitCode = 1;
  } finally {
    client?.close();
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
