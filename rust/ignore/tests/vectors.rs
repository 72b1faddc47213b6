//! Every row of `tests/vectors/ignore-vectors.json`: what aws-cdk-lib itself says.

use std::error::Error;
use std::path::Path;

use lambda_assets_ignore::{Matcher, Mode};
use serde_json::Value;

#[test]
fn every_row_agrees() -> Result<(), Box<dyn Error>> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/ignore-vectors.json");
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    assert!(rows.len() > 10_000, "only {} rows", rows.len());
    let differing: Vec<String> =
        rows.iter().filter(|row| !agrees(row)).map(Value::to_string).collect();
    assert!(differing.is_empty(), "{} rows differ:\n{}", differing.len(), differing.join("\n"));
    Ok(())
}

fn agrees(row: &Value) -> bool {
    let mode = match row["mode"].as_str() {
        Some("glob") => Mode::Glob,
        Some("git") => Mode::Git,
        Some("docker") => Mode::Docker,
        _ => return false,
    };
    let patterns = row["patterns"].as_array().map_or(&[][..], Vec::as_slice);
    let patterns: Vec<String> =
        patterns.iter().filter_map(|pattern| pattern.as_str().map(str::to_owned)).collect();
    let path = row["path"].as_str().unwrap_or_default();
    let answers = Matcher::compile(mode, &patterns).and_then(|matcher| {
        Ok((matcher.ignores(path)?.ignored, matcher.completely_ignores(path)?.ignored))
    });
    match answers {
        Ok((ignores, completely)) => row["ignores"] == ignores && row["completely"] == completely,
        Err(_) => row["error"].is_string(),
    }
}
