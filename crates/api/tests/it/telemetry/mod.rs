//! Log and traces of the binary.

mod lines;
mod traces;
mod user_journey;
