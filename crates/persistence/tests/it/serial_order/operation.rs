//! An operation: a use case with its parameters.

use std::{fmt, future::Future, pin::Pin};

use domain::Ports;

use super::scene::Scene;

pub(super) type Running<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;

/// A use case with its parameters. Returns the answer as a text.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(&'a Scene, &'a Ports) -> Running<'a>,
}

impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Makes a list of operations. Each line has a name and the call of a use case.
macro_rules! operations {
    (|$scene:ident, $ports:ident| $($name:ident: $call:expr;)+) => {
        &[$(Operation {
            name: stringify!($name),
            run: |$scene, $ports| {
                Box::pin(async move {
                    let answer = $call.await;
                    format!("{answer:?}")
                })
            },
        }),+]
    };
}
pub(super) use operations;
