//! From the core's one error type to the classes of `lambda_assets.errors`: the only place where that is decided.

use std::io::ErrorKind;
use std::path::Path;

use lambda_assets_core::{Error, PatternError};
use pyo3::prelude::*;

/// The exception for an error; if even that can't be made, what went wrong with it.
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    convert(py, error).unwrap_or_else(|failure| failure)
}

fn convert(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    match error {
        Error::Io { op, path, source } => system(py, op, path, source),
        Error::Changed { path } => {
            let class = Os { class: "AssetChangedError", errno: Errno::Name("EAGAIN"), op: "read" };
            let text = "file kept changing while it was read".to_owned();
            class.raise(py, path, Some(text), "run again when nothing writes to it, or exclude it")
        }
        Error::Special { path, kind } => {
            let class = Os { class: "SpecialFileError", errno: Errno::Name("ENXIO"), op: "open" };
            let text = format!("{kind}, neither a file nor a directory");
            class.raise(py, path, Some(text), "exclude it, or do not follow the link to it")
        }
        Error::NotUnicode { path } => {
            let class =
                Os { class: "AssetNotFoundError", errno: Errno::Name("ENOENT"), op: "stat" };
            let text = "the name is not valid UTF-8, which the CDK can't open".to_owned();
            class.raise(py, path, Some(text), "rename it, or exclude it")
        }
        Error::TooDeep { path } => {
            let class =
                Os { class: "TooDeepError", errno: Errno::Name("ENAMETOOLONG"), op: "scandir" };
            class.raise(py, path, None, "exclude the directory, or do not follow its links")
        }
        Error::ExternalLink { path, target } => external_link(py, error, path, target),
        Error::Pattern(pattern) => pattern_error(py, pattern),
        Error::ArchiveName { .. } => {
            let exception = errors(py)?.getattr("ArchiveError")?.call1((error.to_string(),))?;
            finish(&exception, "rename it, or exclude it")
        }
        Error::Option { .. } => value(py, "OptionError", error.to_string()),
        Error::Cancelled => Ok(pyo3::exceptions::PyKeyboardInterrupt::new_err(())),
        Error::Internal { message } => value(py, "InternalError", message.clone()),
        _ => value(py, "InternalError", error.to_string()),
    }
}

/// A failed system call, as the class that Python users would catch.
fn system(py: Python<'_>, op: &str, path: &Path, source: &std::io::Error) -> PyResult<PyErr> {
    let errno = match (source.raw_os_error(), source.kind()) {
        (Some(number), _) => Errno::Number(number),
        (None, ErrorKind::NotFound) => Errno::Name("ENOENT"),
        (None, ErrorKind::AlreadyExists) => Errno::Name("EEXIST"),
        (None, ErrorKind::NotADirectory) => Errno::Name("ENOTDIR"),
        (None, ErrorKind::IsADirectory) => Errno::Name("EISDIR"),
        (None, ErrorKind::InvalidInput) => Errno::Name("EINVAL"),
        (None, _) => Errno::Name("EILSEQ"),
    };
    // Without a number of its own the error says more than the number that stands for it.
    let text = matches!(errno, Errno::Name("EILSEQ")).then(|| source.to_string());
    let (class, hint) = match source.kind() {
        ErrorKind::NotFound => ("AssetNotFoundError", ""),
        ErrorKind::PermissionDenied => {
            ("AssetPermissionError", "make it readable for this user, or exclude it")
        }
        ErrorKind::NotADirectory => ("AssetNotADirectoryError", ""),
        ErrorKind::AlreadyExists => ("AssetFileExistsError", "remove it first"),
        ErrorKind::InvalidFilename => ("TooDeepError", "exclude the directory"),
        _ => ("AssetIOError", ""),
    };
    Os { class, errno, op }.raise(py, path, text, hint)
}

/// An error number: the system's own, or one by name, since the numbers differ between platforms.
enum Errno {
    Number(i32),
    Name(&'static str),
}

struct Os<'a> {
    class: &'static str,
    errno: Errno,
    op: &'a str,
}

impl Os<'_> {
    fn raise(
        &self,
        py: Python<'_>,
        path: &Path,
        text: Option<String>,
        hint: &str,
    ) -> PyResult<PyErr> {
        let errno: i32 = match self.errno {
            Errno::Number(number) => number,
            Errno::Name(name) => py.import("errno")?.getattr(name)?.extract()?,
        };
        let text = match text {
            Some(text) => text,
            // The C library's words; Rust's would add "(os error 2)".
            None => py.import("os")?.call_method1("strerror", (errno,))?.extract()?,
        };
        let name = path.as_os_str();
        let exception = errors(py)?.getattr(self.class)?.call1((errno, text, name))?;
        exception.setattr("op", self.op)?;
        finish(&exception, hint)
    }
}

fn external_link(py: Python<'_>, error: &Error, path: &Path, target: &Path) -> PyResult<PyErr> {
    let exception = errors(py)?.getattr("ExternalLinkError")?.call1((error.to_string(),))?;
    exception.setattr("filename", path.as_os_str())?;
    exception.setattr("target", target.as_os_str())?;
    finish(&exception, "use a follow mode that follows it (ALWAYS, EXTERNAL), or a regular file")
}

fn pattern_error(py: Python<'_>, error: &PatternError) -> PyResult<PyErr> {
    let exception = errors(py)?.getattr("PatternError")?.call1((error.to_string(),))?;
    let hint = match error {
        PatternError::Pattern { pattern, index, .. } => {
            exception.setattr("pattern", pattern)?;
            exception.setattr("index", index)?;
            "correct the pattern, or use another ignore mode"
        }
        PatternError::TooLong { index, .. } => {
            exception.setattr("index", index)?;
            "split the pattern"
        }
        PatternError::Steps { pattern, index, .. } => {
            exception.setattr("pattern", pattern)?;
            exception.setattr("index", index)?;
            "simplify the pattern: nested repetitions take for ever"
        }
        _ => "rename it, or use another ignore mode",
    };
    finish(&exception, hint)
}

fn value(py: Python<'_>, class: &str, message: String) -> PyResult<PyErr> {
    finish(&errors(py)?.getattr(class)?.call1((message,))?, "")
}

fn finish(exception: &Bound<'_, PyAny>, hint: &str) -> PyResult<PyErr> {
    if !hint.is_empty() {
        exception.call_method1("with_hint", (hint,))?;
    }
    Ok(PyErr::from_value(exception.clone()))
}

fn errors(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("lambda_assets.errors")
}
