//! The rule of `rule.rs` written down byte by byte, as slow and plain as it can be. Tests hold one against the other.

const CHUNK: usize = 8192;

/// (size, bytes that reach the hash).
pub(super) fn normalise(file: &[u8]) -> (u64, Vec<u8>) {
    let (mut size, mut binary, mut held, mut hashed) = (0, false, String::new(), Vec::new());
    for chunk in file.chunks(CHUNK) {
        if size == 0 {
            binary = chunk.contains(&0);
        }
        if binary {
            size += chunk.len();
            hashed.extend_from_slice(chunk);
            continue;
        }
        held.push_str(&String::from_utf8_lossy(chunk));
        if chunk.last() != Some(&b'\r') {
            let data = std::mem::take(&mut held).replace("\r\n", "\n");
            size += data.len();
            hashed.extend_from_slice(data.as_bytes());
        }
    }
    hashed.extend_from_slice(held.as_bytes());
    (size as u64, hashed)
}
