'use strict';
// The real aws-cdk-lib behind a line protocol: one JSON request a line on stdin, one JSON answer a line on stdout.
//
//     node oracle.cjs NODE_MODULES
//
// Started by oracle.py. HOME is a directory of this process alone, because the library keeps content values there from
// one call to the next under a key that can be stale; `cache: "keep"` in a request leaves them, everything else
// starts without.
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const library = path.resolve(process.argv[2], 'aws-cdk-lib');
const cacheDirectory = path.join(process.env.HOME, '.cdk', 'cache');
const { version } = require(path.join(library, 'package.json'));
const { fingerprint, contentFingerprint } = require(path.join(library, 'core/lib/fs/fingerprint.js'));
const { copyDirectory } = require(path.join(library, 'core/lib/fs/copy.js'));
const { IgnoreStrategy } = require(path.join(library, 'core/lib/fs/ignore.js'));

function describe(error) {
  const message = String(error && error.message).split('\n')[0].slice(0, 300);
  return { error: { code: (error && error.code) || '', name: error && error.name, message } };
}

function attempt(action) {
  try {
    return { value: action() };
  } catch (error) {
    return describe(error);
  }
}

function verdicts({ mode, patterns, paths }) {
  const strategy = attempt(() => IgnoreStrategy[mode]('/r', [...patterns]));
  if (strategy.error) return strategy;
  const test = (method, name) => attempt(() => strategy.value[method](name === '' ? '/r' : `/r/${name}`));
  return { value: paths.map((name) => [test('ignores', name), test('completelyIgnores', name)]) };
}

const operations = {
  version: () => version,
  fingerprint: ({ path: file, options }) => fingerprint(file, options),
  content: ({ paths }) => paths.map((file) => attempt(() => contentFingerprint(file))),
  ignore: ({ questions }) => questions.map(verdicts),
  copy: ({ src, dest, options, rootDir }) => {
    copyDirectory(src, dest, options, rootDir);
    return true;
  },
  become: ({ uid }) => {
    process.setgroups([]);
    process.setgid(uid);
    process.setuid(uid);
    return uid;
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.cache !== 'keep') fs.rmSync(cacheDirectory, { recursive: true, force: true });
  const home = process.cwd();
  const answer = attempt(() => {
    if (request.cwd) process.chdir(request.cwd);
    return operations[request.op](request);
  });
  process.chdir(home);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
