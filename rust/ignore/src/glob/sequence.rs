//! Sequences in braces: `{1..5}` and `{a..e}`, each with a step or without.
//!
//! Spec ignore, "Brace rules".

use super::brace::{MAX_RESULTS, MAX_UNITS, Text};

/// What is between the braces.
pub(super) struct Sequence {
    first: f64,
    last: f64,
    step: f64,
    letters: bool,
    /// Digits to fill numbers up to with zeros.
    width: Option<usize>,
}

impl Sequence {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let parts: Vec<&str> = std::str::from_utf8(body).ok()?.split("..").collect();
        let (&[first, last], step) = match parts.split_at_checked(2)? {
            (ends, []) => (ends.first_chunk::<2>()?, None),
            (ends, [step]) if is_integer(step) => (ends.first_chunk::<2>()?, Some(*step)),
            _ => return None,
        };
        let letters = is_letter(first) && is_letter(last);
        if !(letters || is_integer(first) && is_integer(last)) {
            return None;
        }
        let number = |text: &str| {
            if letters { text.bytes().next().map(f64::from) } else { text.parse().ok() }
        };
        let size = step.map_or(Some(1.0), |step| step.parse().ok())?;
        let padded = !letters && parts.iter().any(|part| is_padded(part));
        Some(Self {
            first: number(first)?,
            last: number(last)?,
            step: f64::max(f64::abs(size), 1.0),
            letters,
            width: padded.then(|| first.len().max(last.len())),
        })
    }

    /// Numbers as JavaScript has them, doubles: a step may be too small to make a difference.
    pub(super) fn values(&self) -> Vec<Text> {
        let down = self.last < self.first;
        let step = if down { -self.step } else { self.step };
        let mut values = Vec::new();
        let mut units = 0;
        let mut at = self.first;
        while values.len() < MAX_RESULTS && if down { at >= self.last } else { at <= self.last } {
            let value = self.value(at);
            if units + value.len() > MAX_UNITS {
                break;
            }
            units += value.len();
            values.push(value);
            at += step;
        }
        values
    }

    fn value(&self, at: f64) -> Text {
        if self.letters {
            // A letter range goes through the six characters between `Z` and `a`.
            let letter = (b'A'..=b'z').find(|&letter| f64::from(letter) >= at);
            return letter.filter(|&letter| letter != b'\\').into_iter().collect();
        }
        let text = number_text(at);
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", &text[..]),
        };
        let zeros = self.width.unwrap_or(0).saturating_sub(text.len());
        [sign.as_bytes(), &vec![b'0'; zeros], digits.as_bytes()].concat()
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter] if letter.is_ascii_alphabetic())
}

/// A zero with a digit behind it.
fn is_padded(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    digits.len() > 1 && digits[0] == b'0'
}

/// `String(number)` for a whole number.
fn number_text(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if number.abs() >= 1e21 {
        format!("{number:e}").replace('e', "e+")
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::brace::{MAX_RESULTS, expand};

    #[test]
    fn numbers_are_doubles() {
        for (pattern, expected) in [
            ("{-0..0}", &["0"][..]),
            ("{1152921504606846976..1152921504606846980}", &["1152921504606847000"]),
            ("{-9007199254740993..-9007199254740991}", &["-9007199254740992", "-9007199254740991"]),
            ("{1111111111111111111111111..1111111111111111111111111}", &["1.1111111111111111e+24"]),
        ] {
            let mut results = expand(pattern);
            results.dedup();
            assert_eq!(results, expected, "{pattern}");
        }
        let endless = expand(&format!("{{1..{}}}", "9".repeat(400)));
        assert_eq!((endless.len(), endless[2].as_str()), (MAX_RESULTS, "3"));
    }
}
