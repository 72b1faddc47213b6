'use strict';
// aws-cdk-lib in Node as a contender: one request as JSON, one measured operation, one JSON line.
//
//     node node.cjs NODE_MODULES REQUEST
//
// HOME belongs to this contender alone: the library keeps its cache of content values under it.
const fs = require('node:fs');
const path = require('node:path');

const library = path.resolve(process.argv[2], 'aws-cdk-lib');
const request = JSON.parse(process.argv[3]);
const { version } = require(path.join(library, 'package.json'));
// What the modules load on first use is loaded before the clock starts.
require(path.join(library, 'core/lib/fs/fingerprint-disk-cache.js'));
require(path.join(library, 'core/lib/fs/ignore.js'));
require(path.join(library, 'core/lib/fs/utils.js'));
require(path.join(library, 'core/lib/errors.js'));
const { fingerprint } = require(path.join(library, 'core/lib/fs/fingerprint.js'));
const { copyDirectory } = require(path.join(library, 'core/lib/fs/copy.js'));

const { path: source, dest } = request;
const options = { exclude: request.exclude, ignoreMode: request.ignore_mode };
const operations = {
  fingerprint: () => fingerprint(source, options),
  copy: () => {
    fs.mkdirSync(dest);
    copyDirectory(source, dest, options);
    return null;
  },
  stage: () => {
    const hash = fingerprint(source, options);
    fs.mkdirSync(dest);
    copyDirectory(source, dest, options);
    return hash;
  },
};

if (request.cold) fs.rmSync(path.join(process.env.HOME, '.cdk'), { recursive: true, force: true });
const operation = operations[request.op];
const cpuBefore = process.cpuUsage();
const start = process.hrtime.bigint();
const result = operation();
const wall = Number(process.hrtime.bigint() - start) / 1e9;
const cpu = process.cpuUsage(cpuBefore);
const status = fs.readFileSync('/proc/self/status', 'latin1');
const line = {
  wall,
  cpu: (cpu.user + cpu.system) / 1e6,
  peak_kib: Number(/^VmHWM:\s*(\d+)/m.exec(status)[1]),
  result,
  version,
};
process.stdout.write(`${JSON.stringify(line)}\n`);
