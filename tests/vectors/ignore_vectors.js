'use strict';
// Writes ignore-vectors.json: what aws-cdk-lib's ignore strategies say to patterns and paths. Regenerate with
//   npm install --prefix DIR aws-cdk-lib@2.275.0 constructs
//   node ignore_vectors.js DIR/node_modules 300 7 > ignore-vectors.json
// (random rows for each mode, seed), and again whenever the library's bundled packages change.
// One JSON object per line inside an array: mode, patterns, path and either
// ignores/completely (booleans) or error (message prefix).
const path = require('path');
const [modules, nRandom = '0', seed = '1'] = process.argv.slice(2);
const { IgnoreStrategy } = require(path.resolve(modules, 'aws-cdk-lib/core/lib/fs/ignore.js'));
const ROOT = '/r';
const rows = [];
const attempt = (f) => { try { return { v: f() }; } catch (e) { return { e: String(e.message).slice(0, 90) }; } };
function row(mode, patterns, p) {
  const s = attempt(() => IgnoreStrategy[mode](ROOT, [...patterns]));
  const r = { mode, patterns, path: p };
  if (s.e) { r.error = s.e; } else {
    const full = p === '' ? ROOT : ROOT + '/' + p;
    const a = attempt(() => s.v.ignores(full));
    const b = attempt(() => s.v.completelyIgnores(full));
    if (a.e || b.e) r.error = a.e || b.e; else { r.ignores = a.v; r.completely = b.v; }
  }
  rows.push(r);
}
function block(modes, lists, paths) {
  for (const m of modes) for (const l of lists) for (const p of paths) row(m, Array.isArray(l) ? l : [l], p);
}
const ALL = ['glob', 'git', 'docker'];

// names without a slash, at depth, with case differences and trailing slashes
block(ALL, ['foo', 'foo/', '/foo', './foo', '/foo/', '//foo', 'foo//', 'FOO', ' foo', 'foo ', '\tfoo', 'foo\\ '],
  ['foo', 'a/foo', 'foo/a', 'Foo', ' foo', 'foo ']);
block(ALL, ['a/b', 'a/b/', '/a/b', './a/b', 'a/./b', 'a/c/../b', 'a//b', '../a/b', 'a/../b', 'a/b/..', '.', '..', '/', './', '/.'],
  ['a/b', 'a/b/c', 'x/a/b', 'b', 'a', '.x', '..x']);
// stars
block(ALL, ['*', '**', '***', '*/', '**/', '*/*', '/*', '/**', '**/*', '*/**', '.*', '.*/**', '**/.*', '*.*', '.**'],
  ['a', '.a', 'a/b', 'a/.b', '.a/b', 'a.b', 'a/b/c', 'a/b.c']);
block(ALL, ['*.js', '**.js', '**/*.js', 'a/*.js', 'a/**/*.js', 'a/**', 'a/**/', 'a/**/b', '**/b', '**/b/**', 'a**b', 'a/**b', 'a**/b', '*a*', '**/**/b', 'a/**/**/b'],
  ['x.js', '.js', '.x.js', 'a/x.js', 'a/b/x.js', 'a/.b/x.js', 'a', 'a/b', 'a/x/b', 'ab', 'axxb', 'a/xb', 'axb/b']);
// question marks
block(ALL, ['?', '??', '?a', 'a?', 'a/?', '?*', '\\?', '?.js', 'a?b'], ['a', 'ab', '.a', 'a/b', '?', 'x.js', 'a\u00e9b', '\u{1f600}', '\ud83d\ude00a', 'a b']);
// classes
block(ALL, ['[ab]', '[a-c]x', '[!a]', '[^a]', '[]a]', '[!]a]', '[a', 'a]', '[]', '[!]', '[z-a]', '[a-]', '[-a]', '[\\]]', '[a/b]', '[.]x', '[a]', '[*]', '[[:alpha:]]', '[[:digit:]a]', '[![:upper:]]', '[[:punct:]]', '[[:space:]]x', '[[:bogus:]]', '[\u00e9]', '[a-\u00ff]', '[\u{1f600}]', '[a-c]*'],
  ['a', 'b', '-', '^', '!', ']', '[a', 'a]', '[]', 'cx', '.x', '*', 'A', '5', '\u00e9', '\u{1f600}', 'a/b', ':', ' x']);
// escapes and backslashes
block(ALL, ['\\*', '\\a', 'a\\b', 'a\\\\b', 'a\\', '\\\\', '\\!a', '\\#a', '\\[a\\]', '\\{a,b\\}', 'a\\/b', '\\', 'a\\*b', '\\\\*'],
  ['*', 'a', 'a\\b', 'ab', 'a\\', '\\', '!a', '#a', '[a]', '{a,b}', 'a/b', 'a*b', 'axb', '\\x']);
// negation
block(ALL, [['*', '!a'], ['*', '!a/'], ['*', '!a/b'], ['!a'], ['!a', 'a'], ['a', '!!a'], ['!!a'], ['a', '!a', 'a'], ['**', '!a/b/c'], ['*', '! a'], ['a/*', '!a/b'], ['a/**', '!a/b/**'], ['a', '!a/b'], ['a/b', '!a'], ['*', '!*.js', 'x.js'], ['!'], ['a', '!'], ['*', '!/a'], ['*', '/!a'], [' !a'], ['*', ' !a'], ['**', '!**/c'], ['*', '!a', '!a/b', 'a/b/c'], ['*', '!\\a'], ['*', '!#a']],
  ['a', 'b', 'a/b', 'a/b/c', 'a/x', 'x.js', 'y.js', '#a', '!a']);
// comments, blanks, odd lines
block(ALL, ['', ' ', '#', '#a', ' #a', '\\#a', 'a#b', 'a\nb', 'a\r\nb', 'a ', 'a\t', '\ufeffa', 'a\u00a0', '!#a'], ['a', 'b', '#a', 'a#b', 'a\nb', 'a ', ' #a', '']);
// braces
block(ALL, ['{a,b}', 'x.{js,ts}', '{a,b/c}', '{a,{b,c}}', 'a{b}c', '{a}', '{}', '{,a}', 'x{,y}', '{1..3}', '{01..03}', '{a..c}', '{a..e..2}', '{3..1}', '{1..5..2}', '{-1..1}', '{a,b}/{c,d}', 'a{b,c{d,e}f}g', '{a,b', 'a,b}', '{a},b}', '{},b}', '${a,b}', '\\{a,b}', '{a\\,b}', '{..}', '{1..}', '{A..c}', '!{a,b}', '{!a,b}', '{#a,b}', '{*.js,*.ts}', '{**/a,b}', '{.,..}/a', '{a,b}{c,d}'],
  ['a', 'b', 'c', 'x.js', 'x.ts', 'b/c', 'abc', 'a{b}c', '{a}', '{}', 'x', 'xy', '1', '2', '01', '02', '-1', '0', 'a/c', 'ac', 'bd', 'acdfg', 'abg', '{a,b}', 'a,b', '{a},b}', 'a,b}', '${a,b}', 'Z', 'q/a', '!a', '#a']);
// extglobs (glob mode only has them)
block(['glob'], ['@(a|b)', '?(a|b)c', '*(a|b)', '+(a|b)', '!(a)', '!(a|b)', '!(a)b', '*.!(js)', '!(*.js)', 'a!(b)', '+(a|+(b|c))', '@(a|!(b))', '*(a|*(b|*(c|*(d))))', '@()', '!()', '?()', 'x@()', '@(a', '@a)', '\\@(a)', '@(a|b)/c', '@(a/b)', '*(.a|b)', '@(.a)', '!(.a)', '?(.)a', '@(*)', '+(?)', '[a]@(b)', '@([ab]|c)', '@(a\\|b)', '!!(a)', '!(a)*', '*!(.js)', '@(@(a)|b)', '(a|b)'],
  ['a', 'b', 'c', 'ab', 'ac', 'bc', 'aab', '.a', '', 'x', 'x.js', 'x.ts', 'a/c', 'a/b', 'abcd', '@(a', '@a)', '@(a)', 'a|b', '(a|b)', 'x@()', '.js']);
block(['git', 'docker'], ['@(a|b)', '(a|b)', 'a|b', '+(a)', 'a+', 'a.b', '^a', 'a$', '$a', 'a(', 'a)', '{', '}', 'a{2}', '[a', '(?i)a', 'a.*', '\\d', '\\w+', '\\Ba', '\\x61', '\\bfoo'],
  ['a', 'b', 'aa', 'a|b', '@(a|b)', '(a|b)', '+(a)', 'a+', 'axb', 'a.b', '^a', 'a$', '$a', 'a(', 'a)', '{', '}', 'a{2}', '[a', '5', 'd', 'foo', 'w+', 'x61']);
// dotdot and dots in tested paths
block(ALL, ['*', '**', '.*', '..a', '...'], ['..a', '...', 'a/..b', 'a/...', '.../a', '....x', '..a/b']);
// unicode case folding
block(ALL, ['k', '\u212a', 's', '\u017f', '\u00df', '\u1e9e', '\u00b5', '\u03bc', '\u0130', 'i', '\u0131', 'I', '\u03c3', '\u01c5', '\u00e9', 'e\u0301', '\u{10428}', '\u0345', '\u0149', '\ufb00', '\u1fb3'],
  ['K', '\u212a', 'S', '\u017f', 'SS', '\u00df', '\u1e9e', '\u039c', '\u03bc', '\u00b5', '\u0130', 'i', 'I', '\u0131', '\u03c2', '\u03a3', '\u01c6', '\u01c4', '\u00c9', 'E\u0301', '\u{10400}', '\u{10428}', '\u0399', '\u1fbc', '\u1fb3']);
// new lines and line separators in names
block(ALL, ['*', '**', 'a*b', 'a?b', 'a**', 'a/**'], ['a\nb', 'a\rb', 'a\u2028b', 'a/\n', 'a\n/x']);
// object member names
block(ALL, ['*', 'constructor', '__proto__'], ['constructor', '__proto__', 'toString', 'a/constructor', 'hasOwnProperty', 'valueOf', 'x']);
// root itself
block(ALL, ['*', '**', '.', '', '!a', 'a'], ['']);
// realistic lists
const P = ['index.js', 'index.test.js', '.env', '.git', '.git/HEAD', 'lib', 'lib/a.js', 'lib/a.ts', 'lib/.h/x.js', 'node_modules', 'node_modules/p/index.js', 'node_modules/@s/q/package.json', 'cdk.out/asset.1/x', 'README.md', 'docs/README.MD', 'build/keep/yes', 'build/no'];
block(ALL, [['node_modules', 'cdk.out', '.git', '*.md'], ['**', '!lib/**', '!index.js'], ['*', '!lib', '!lib/*'], ['**/*.test.js', '**/node_modules', '.*'], ['build', '!build/keep'], ['build/*', '!build/keep'], ['build/**', '!build/keep', '!build/keep/**'], ['*', '!lib/a.js'], ['lib/', '/index.js'], ['**/README.md', '!docs/**'], ['*.js', '!node_modules/**'], ['!**', '*.js'], ['**/.*', '!.env']], P);

if (+nRandom) {
  let x = BigInt(seed) * 2n + 1n;
  const rnd = (n) => { x = (x * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn; return Number((x >> 33n) % BigInt(n)); };
  const pick = (a) => a[rnd(a.length)];
  const atoms = ['a', 'b', 'c', '.', '/', '*', '**', '?', '!', '[ab]', '[!a]', '[a-c]', '{a,b}', '{a,b/c}', '\\', '@(a|b)', '!(a)', '+(a|.b)', '*(b)', '#', ' ', '..', './', '**/', '/**', 'A', '-', '[', ']', '(', ')', '|', ',', '{', '}', '^', '$', '[[:alpha:]]', '\u00e9', '\u{1f600}'];
  const chars = ['a', 'b', 'c', '.', '/', 'ab', 'A', '\u00e9', '.a', 'a/b', '\u{1f600}', '\\', ' ', '!', '#', '[', '-', '{'];
  const gen = (set, n) => Array.from({ length: 1 + rnd(n) }, () => pick(set)).join('');
  for (const m of ALL) for (let i = 0; i < +nRandom; i++) {
    const pats = Array.from({ length: 1 + rnd(3) }, () => (rnd(4) ? '' : '!') + gen(atoms, 5));
    const p = path.posix.normalize(gen(chars, 5)).replace(/^\/+/, '').replace(/\/+$/, '').replace(/^(\.\.\/)+/, '');
    if (p === '.' || p === '..' || p === '') { i--; continue; }
    row(m, pats, p);
  }
}
process.stdout.write('[\n' + rows.map((r) => JSON.stringify(r)).join(',\n') + '\n]\n');
