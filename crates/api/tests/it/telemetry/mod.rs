//! What the binary tells of its work, in the log and in traces.

mod lines;
mod traces;
mod walk;
