//! The corpus of a target: real samples, and inputs that have failed once.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use crate::Target;

/// Samples of a target.
#[derive(Debug)]
pub struct Corpus(Vec<(PathBuf, Vec<u8>)>);

impl Corpus {
    /// Reads `tests/corpus/NAME` of a crate, in the order of the file names. Panics when there is no sample.
    #[must_use]
    pub fn read(crate_folder: &str, name: &str) -> Self {
        let folder = Path::new(crate_folder).join("tests/corpus").join(name);
        let Ok(entries) = fs::read_dir(&folder) else { panic!("no folder {}", folder.display()) };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        let read = |path: PathBuf| match fs::read(&path) {
            Ok(bytes) => (path, bytes),
            Err(error) => panic!("{}: {error}", path.display()),
        };
        let samples: Vec<_> = paths.into_iter().map(read).collect();
        assert!(!samples.is_empty(), "no sample in {}", folder.display());
        Self(samples)
    }

    /// Returns the samples.
    #[must_use]
    pub fn samples(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|(_, bytes)| bytes.clone()).collect()
    }

    /// Runs the target over each sample. Panics with the path of the first one that fails.
    pub fn for_each<F: Fn(&[u8])>(&self, target: &Target<F>) {
        for (path, bytes) in &self.0 {
            let outcome = catch_unwind(AssertUnwindSafe(|| target.run(bytes)));
            assert!(outcome.is_ok(), "the target fails for {}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_sample_is_named() {
        let corpus = Corpus(vec![("good".into(), b"a".to_vec()), ("bad".into(), b"b".to_vec())]);
        let target = Target::new(|bytes: &[u8]| assert_eq!(bytes, b"a", "a failure that is expected"));
        let failure = catch_unwind(AssertUnwindSafe(|| corpus.for_each(&target)));
        let message = *failure.expect_err("one sample fails").downcast::<String>().expect("a text");
        assert_eq!(message, "the target fails for bad");
    }
}
