//! The pages in a real Chromium, as a person with a keyboard and a phone's screen meets them.

mod cases;
mod driver;
