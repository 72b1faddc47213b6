'use strict';
// aws-cdk-lib in Node as a contender: one request as JSON, one measured operation, one JSON line.
//
//     node node.cjs NODE_MODULES REQUEST
//
// HOME belongs to this contender alone: the library keeps its cache of content values under it.
const fs = require('node:fs');
const os = require('node:os');
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

// The library loads its parts lazily: one synth of nothing loads what every synth needs.
const cdk = request.op === 'app' ? require(library) : null;
const lambda = request.op === 'app' ? require(path.join(library, 'aws-lambda')) : null;
if (cdk) {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'app-'));
  new cdk.Stack(new cdk.App({ outdir }), 'S').node.root.synth();
  fs.rmSync(outdir, { recursive: true });
}

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
  app: () => {
    const app = new cdk.App({ outdir: dest });
    const stack = new cdk.Stack(app, 'S');
    const sources = source.split(path.delimiter);
    for (let number = 0; number < 10; number++) {
      const code = lambda.Code.fromAsset(sources[number % sources.length]);
      const runtime = lambda.Runtime.PYTHON_3_12;
      new lambda.Function(stack, `F${number}`, { runtime, handler: 'i.h', code });
    }
    app.synth();
    return null;
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
