//! Compiling and matching by mode and number of patterns: `cargo bench -p lambda-assets-ignore`.
//!
//! The lists are those that people keep, and the paths those of an installed package tree; `tests` of each path is one
//! call as a walk makes it. `slow` has only patterns that need an expression.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use lambda_assets_ignore::{Matcher, Mode};

fn main() {
    divan::main();
}

const GLOB: [&str; 20] = [
    "*.md",
    "**/*.map",
    "**/test",
    "**/tests/**",
    "**/docs/**",
    "*.ts",
    "LICENSE*",
    "**/{umd,cjs}/**",
    "!**/index.d.ts",
    "**/*.d.[mc]ts",
    "**/__pycache__/**",
    "**/*.pyc",
    "**/*.dist-info/RECORD",
    ".git/**",
    "**/.DS_Store",
    "**/.{vscode,idea}/**",
    "**/coverage/**",
    "**/*.{spec,test}.[jt]s",
    "**/examples/**",
    "cdk.out",
];
const GIT: [&str; 20] = [
    "*.md",
    "*.map",
    "test/",
    "tests/",
    "docs/",
    "*.ts",
    "LICENSE*",
    "umd/",
    "!index.d.ts",
    "__pycache__/",
    "*.py[cod]",
    "*.dist-info/RECORD",
    ".git/",
    ".DS_Store",
    ".vscode/",
    ".idea/",
    "coverage/",
    "*.spec.js",
    "/examples/**",
    "cdk.out",
];
const DOCKER: [&str; 20] = [
    "**/*.md",
    "**/*.map",
    "**/test",
    "**/tests",
    "**/docs",
    "**/*.ts",
    "**/LICENSE*",
    "**/umd",
    "!**/index.d.ts",
    "**/__pycache__",
    "**/*.py[cod]",
    "**/*.dist-info/RECORD",
    ".git",
    "**/.DS_Store",
    "**/.vscode",
    "**/.idea",
    "**/coverage",
    "**/*.spec.js",
    "examples/**",
    "cdk.out",
];
/// No name of these is a literal with stars.
const SLOW: [&str; 3] =
    ["**/!(*.js|*.json)", "**/+(a|b|c)*([0-9]).[jt]s?(x)", "**/[[:alpha:]]*[!0-9]?.*"];

const CASES: [(Mode, usize); 6] = [
    (Mode::Glob, 10),
    (Mode::Glob, 20),
    (Mode::Git, 10),
    (Mode::Git, 20),
    (Mode::Docker, 10),
    (Mode::Docker, 20),
];

#[divan::bench(args = CASES)]
fn compile(bencher: Bencher<'_, '_>, (mode, count): (Mode, usize)) {
    let patterns = list(mode, count);
    bencher.counter(ItemsCount::new(count)).bench(|| Matcher::compile(mode, black_box(&patterns)));
}

#[divan::bench(args = CASES)]
fn tests(bencher: Bencher<'_, '_>, (mode, count): (Mode, usize)) {
    run(bencher, mode, &list(mode, count));
}

#[divan::bench]
fn slow(bencher: Bencher<'_, '_>) {
    run(bencher, Mode::Glob, &SLOW.map(str::to_owned));
}

fn run(bencher: Bencher<'_, '_>, mode: Mode, patterns: &[String]) {
    let paths = paths();
    let Ok(matcher) = Matcher::compile(mode, patterns) else { return };
    bencher.counter(ItemsCount::new(paths.len())).bench(|| {
        let ignored = |path: &&String| matcher.ignores_below(path).is_ok_and(|v| v.ignored);
        black_box(&paths).iter().filter(ignored).count()
    });
}

fn list(mode: Mode, count: usize) -> Vec<String> {
    let all = match mode {
        Mode::Glob => GLOB,
        Mode::Git => GIT,
        Mode::Docker => DOCKER,
    };
    all.iter().take(count).map(|&pattern| pattern.to_owned()).collect()
}

/// Four thousand paths of forty packages, none of them below an ignored directory.
fn paths() -> Vec<String> {
    const PARTS: [&str; 4] = ["lib", "dist/esm", "src/internal/util", "dist"];
    const ENDINGS: [&str; 5] = [".js", ".d.ts", ".js.map", ".json", ".mjs"];
    let name = |number: usize| {
        let (package, part) = (number % 40, PARTS[number / 40 % PARTS.len()]);
        let ending = ENDINGS[number % ENDINGS.len()];
        format!("node_modules/@scope/package-{package}/{part}/module-{number}{ending}")
    };
    (0..4000).map(name).collect()
}
