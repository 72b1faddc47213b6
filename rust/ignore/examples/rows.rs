//! Tests rows of patterns and paths from the standard input, for comparison with the original.
//!
//! A line is `{"mode": "git", "patterns": […], "path": "a/b"}`; its answer is `11`, `10`, `01` or
//! `00` for `ignores` and `completely_ignores`, with `E` where one fails.

use std::io::{BufRead, Write};

use lambda_assets_ignore::{Error, Matcher, Mode, Verdict};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let verbose = std::env::args().any(|argument| argument == "--verbose");
    for line in std::io::stdin().lock().lines() {
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let mode = match row["mode"].as_str() {
            Some("git") => Mode::Git,
            Some("docker") => Mode::Docker,
            _ => Mode::Glob,
        };
        let strings = row["patterns"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let patterns: Vec<String> =
            strings.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        let path = row["path"].as_str().unwrap_or_default();
        let answers = match Matcher::compile(mode, &patterns) {
            Ok(matcher) => [matcher.ignores(path), matcher.completely_ignores(path)],
            Err(error) => [Err(error.clone()), Err(error)],
        };
        write!(output, "{}{}", letter(&answers[0]), letter(&answers[1]))?;
        if verbose {
            write!(output, " {answers:?}")?;
        }
        writeln!(output)?;
    }
    Ok(output.flush()?)
}

fn letter(answer: &Result<Verdict, Error>) -> char {
    match answer {
        Ok(Verdict { ignored: true, .. }) => '1',
        Ok(_) => '0',
        Err(Error::Steps { .. }) => 'S',
        Err(_) => 'E',
    }
}
